// Deflates and inflates whole contents, each at once and without waiting. Node's own calls for that make and drop a
// stream object each time, which for 200 bytes costs more than the work (measured: 32 and 23 µs, against 10 and 4).
// Here a thread keeps its streams and calls what lies behind them, as packages that read images and archives have long
// done; a Node that has none of that behind them is asked in its own, slower way.
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  deflateRawSync,
  inflateRawSync,
  type DeflateRaw,
  type InflateRaw,
} from 'node:zlib'
import { systemCode } from '../../base/errors.ts'

/** Behind a stream of Node's zlib. */
interface Engine {
  writeSync(
    ...call: [
      flush: number,
      input: Uint8Array,
      inputAt: number,
      inputBytes: number,
      output: Uint8Array,
      outputAt: number,
      outputBytes: number,
    ]
  ): void
  reset(): void
  onerror: () => void
}

/** From the whole of `input` into `output`: how many bytes that gave, or undefined where the input is not sound. */
type Run = (input: Uint8Array, output: Uint8Array) => number | undefined

/** A larger table of what came before: a tenth less time than the usual 8 at level 1 (measured), for 128 KiB more. */
const memLevel = 9

const deflaters = new Map<number, Run | 'none'>()
let inflater: Run | 'none' | undefined
let deflatedRoom: Buffer = Buffer.alloc(0)

/**
 * Raw deflate data of the content at level 1 to 9, valid until the next call; undefined where that is not smaller.
 */
export function deflatedIfSmaller(content: Uint8Array, level: number): Uint8Array | undefined {
  const run = deflaters.get(level) ?? runOf(createDeflateRaw({ level, memLevel })) ?? 'none'
  deflaters.set(level, run)
  if (run === 'none') {
    const deflated = deflateRawSync(content, { level, memLevel })
    return deflated.length < content.length ? deflated : undefined
  }
  if (deflatedRoom.length < content.length) deflatedRoom = Buffer.allocUnsafeSlow(content.length)
  // There is no room for more: it ends as soon as it cannot become smaller.
  const bytes = run(content, deflatedRoom.subarray(0, content.length))
  return bytes === undefined || bytes >= content.length ? undefined : deflatedRoom.subarray(0, bytes)
}

/**
 * The content of raw deflate data; undefined if it is damaged or has more than `maxBytes`. It lies at the beginning of
 * `memory`, if that has room for one byte more than `maxBytes`, else in memory of its own.
 */
export function inflated(data: Uint8Array, maxBytes: number, memory?: Buffer): Buffer | undefined {
  inflater ??= runOf(createInflateRaw()) ?? 'none'
  if (inflater === 'none') return inflatedByNode(data, maxBytes)
  // One more than may be: data that goes on too long fills it.
  const room =
    memory && memory.length > maxBytes ? memory.subarray(0, maxBytes + 1) : Buffer.allocUnsafe(maxBytes + 1)
  const bytes = inflater(data, room)
  return bytes === undefined || bytes > maxBytes ? undefined : room.subarray(0, bytes)
}

function runOf(stream: DeflateRaw | InflateRaw): Run | undefined {
  const { _handle: engine, _writeState: left } = stream as Partial<{
    _handle: Engine
    _writeState: Uint32Array
  }>
  if (typeof engine?.writeSync !== 'function' || !(left instanceof Uint32Array)) return undefined
  let failed = false
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is no event target
  engine.onerror = () => {
    failed = true
  }
  return (input, output) => {
    failed = false
    engine.writeSync(constants.Z_FINISH, input, 0, input.length, output, 0, output.length)
    // Its first number is how much of the output was left over.
    const bytes = failed ? undefined : output.length - (left[0] ?? 0)
    engine.reset()
    return bytes
  }
}

function inflatedByNode(data: Uint8Array, maxBytes: number): Buffer | undefined {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(maxBytes, 1) })
  } catch (error) {
    const code = systemCode(error) ?? ''
    if (!['Z_DATA_ERROR', 'Z_BUF_ERROR', 'ERR_BUFFER_TOO_LARGE'].includes(code)) throw error
    return undefined
  }
}
