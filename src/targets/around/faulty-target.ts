// A destination on which a script of faults plays: for tests of everything that has to survive one. Calls without a
// fault go straight through. A call with one is held in memory as a whole, so use it with small files.
import { setTimeout as delay } from 'node:timers/promises'
import { cancelled } from '../../base/abort.ts'
import { PullbackError } from '../../base/errors.ts'
import { sha256 } from '../../base/hash.ts'
import type { ByteRange, PutContent, Space, SweepOptions, Target, TargetFile } from '../target.ts'
import { untilAborted } from '../until-aborted.ts'
import { type Fault, FaultScript, type Moment } from './fault.ts'

export class FaultyTarget implements Target {
  readonly label: string
  readonly script: FaultScript
  /** Calls that get no answer now. */
  hanging = 0
  readonly #inner: Target

  constructor(inner: Target, faults: readonly Fault[]) {
    this.label = inner.label
    this.script = new FaultScript(faults)
    this.#inner = inner
  }

  open(options: { readonly create: boolean }, signal: AbortSignal): Promise<void> {
    return this.#around(this.script.next('open'), signal, () => this.#inner.open(options, signal))
  }

  async *list(signal: AbortSignal): AsyncGenerator<TargetFile, void, void> {
    const fault = this.script.next('list')
    if (!fault) {
      yield* this.#inner.list(signal)
      return
    }
    await this.#strike(fault, 'before', signal)
    const files = await Array.fromAsync(this.#inner.list(signal))
    yield* this.#inTheMiddle(misremembered(files, fault), fault, signal)
    await this.#strike(fault, 'after', signal)
  }

  stat(name: string, signal: AbortSignal): Promise<TargetFile | undefined> {
    return this.#around(this.script.next('stat', name), signal, () => this.#inner.stat(name, signal))
  }

  async put(name: string, content: PutContent, signal: AbortSignal): Promise<void> {
    const fault = this.script.next('put', name)
    if (!fault) return this.#inner.put(name, content, signal)
    await this.#strike(fault, 'before', signal)
    const bytes = spoilt(await allBytes(untilAborted(content.open(), signal)), fault)
    // As announced, unless the fault is one that the destination does not see itself.
    const announced =
      fault.effect === 'truncate' || fault.effect === 'wrong-byte' ? sha256(bytes) : content.sha256
    const sizeBytes = fault.effect === 'truncate' ? bytes.length : content.sizeBytes
    const open = (): AsyncIterable<Uint8Array> => this.#inTheMiddle(halves(bytes), fault, signal)
    await this.#inner.put(name, { sizeBytes, sha256: announced, open }, signal)
    if (fault.effect === 'twice') await this.#inner.put(name, content, signal)
    await this.#strike(fault, 'after', signal)
  }

  async *get(
    name: string,
    options: { readonly range?: ByteRange; readonly signal: AbortSignal },
  ): AsyncGenerator<Uint8Array, void, void> {
    const fault = this.script.next('get', name)
    if (!fault) {
      yield* this.#inner.get(name, options)
      return
    }
    await this.#strike(fault, 'before', options.signal)
    const bytes = spoilt(await allBytes(this.#inner.get(name, options)), fault)
    yield* this.#inTheMiddle(halves(bytes), fault, options.signal)
    await this.#strike(fault, 'after', options.signal)
  }

  delete(name: string, signal: AbortSignal): Promise<void> {
    return this.#around(this.script.next('delete', name), signal, () => this.#inner.delete(name, signal))
  }

  space(signal: AbortSignal): Promise<Space | undefined> {
    return this.#around(this.script.next('space'), signal, () => this.#inner.space(signal))
  }

  sweep(options: SweepOptions): Promise<number> {
    return this.#around(this.script.next('sweep'), options.signal, () => this.#inner.sweep(options))
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  async #around<T>(fault: Fault | undefined, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    if (!fault) return call()
    await this.#strike(fault, 'before', signal)
    await this.#strike(fault, 'middle', signal)
    const first = await call()
    const result = fault.effect === 'twice' ? await call() : first
    await this.#strike(fault, 'after', signal)
    return result
  }

  /** The items, with the fault between the two halves of them. */
  async *#inTheMiddle<T>(
    items: readonly T[],
    fault: Fault,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, void> {
    const middle = Math.floor(items.length / 2)
    yield* items.slice(0, middle)
    await this.#strike(fault, 'middle', signal)
    yield* items.slice(middle)
  }

  /** Lets the fault happen if its moment has come. */
  async #strike(fault: Fault, moment: Moment, signal: AbortSignal): Promise<void> {
    if (fault.effect === 'slow' && moment === 'before') await slowly(fault.delayMs, signal)
    if ((fault.effect !== 'error' && fault.effect !== 'hang') || fault.at !== moment) return
    if (fault.effect === 'hang') return this.#hang(signal)
    throw new PullbackError(fault.code, { what: `a fault ${moment} the ${fault.verb}, as the script says` })
  }

  #hang(signal: AbortSignal): Promise<never> {
    this.hanging += 1
    return new Promise((_resolve, reject) => {
      const end = (): void => {
        this.hanging -= 1
        reject(cancelled())
      }
      if (signal.aborted) end()
      else signal.addEventListener('abort', end, { once: true })
    })
  }
}

/** Copied: a chunk is valid until the next is asked for. */
async function allBytes(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks, (chunk) => Buffer.from(chunk)))
}

function misremembered(files: readonly TargetFile[], fault: Fault): readonly TargetFile[] {
  if (fault.effect === 'short-list') return files.slice(0, Math.floor(files.length * fault.keepShare))
  if (fault.effect === 'stale-list') return fault.files
  return fault.effect === 'twice' ? [...files, ...files] : files
}

async function slowly(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(delayMs, undefined, { signal })
  } catch (error) {
    if (signal.aborted) throw cancelled()
    throw error
  }
}

function spoilt(bytes: Buffer, fault: Fault): Buffer {
  if (fault.effect === 'truncate') return bytes.subarray(0, Math.floor(bytes.length * fault.keepShare))
  if (fault.effect === 'wrong-byte' && bytes.length > 0) {
    const at = Math.min(bytes.length - 1, Math.floor(bytes.length * fault.atShare))
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x01, at)
  }
  return bytes
}

function halves(bytes: Buffer): Buffer[] {
  const middle = Math.floor(bytes.length / 2)
  return [bytes.subarray(0, middle), bytes.subarray(middle)]
}
