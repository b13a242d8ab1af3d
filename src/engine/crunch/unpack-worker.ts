// The thread that authenticates, decrypts and decompresses volumes, and checks the hash of every block that it gives
// out. Everything in here is synchronous.
import { assert } from '../../base/assert.ts'
import { packError } from '../../base/error-transfer.ts'
import { isPullbackError } from '../../base/errors.ts'
import { sha256, sha256Length } from '../../base/hash.ts'
import { blockEntryName } from '../../format/block-name.ts'
import { WholeFileWriter } from '../restore/write-whole-files.ts'
import type { WholeFileOrder } from '../restore/whole-files.ts'
import { openVolumeFile, type OpenVolume } from '../volumes/read-volume-file.ts'
import { hashAt } from '../volumes/volume-pair-writer.ts'
import { collectOld, threadLitter } from '../../base/litter.ts'
import { answerRequests } from './thread.ts'
import { blockAbsent, blockDamaged, type UnpackReply, type UnpackRequest } from './unpack-messages.ts'

let volume: OpenVolume | undefined
const writer = new WholeFileWriter()
/** A directory of so many entries takes some 5 MiB, and as much to read. */
const manyEntries = 16_384
/** Each block of a file that is written here lies in it until the next. */
let oneBlock: Buffer = Buffer.alloc(0)

/** The block of that hash, maybe in the memory given, or what is wrong with it. */
function soundBlock(
  open: OpenVolume,
  hash: Uint8Array,
  memory: Buffer,
): Buffer | typeof blockAbsent | typeof blockDamaged {
  const name = blockEntryName(Buffer.from(hash))
  if (!open.archive.entries.has(name)) return blockAbsent
  try {
    const bytes = open.archive.read(name, open.manifest.blocksize, memory)
    return sha256(bytes).equals(hash) ? bytes : blockDamaged
  } catch (error) {
    if (isPullbackError(error, 'VolumeDamaged', 'FormatUnsupported')) return blockDamaged
    throw error
  }
}

function blocks({ hashes, memory }: Extract<UnpackRequest, { kind: 'blocks' }>): UnpackReply {
  assert(volume, 'blocks come after open')
  const count = hashes.byteLength / sha256Length
  const lengths = new Uint32Array(count)
  const neededBytes = roomFor(volume, hashes)
  const bytes = memory && memory.byteLength >= neededBytes ? memory : new ArrayBuffer(neededBytes)
  const joined = Buffer.from(bytes)
  let end = 0
  for (let at = 0; at < count; at += 1) {
    const place = joined.subarray(end)
    const block = soundBlock(volume, hashAt(hashes, at), place)
    lengths[at] = typeof block === 'number' ? block : block.length
    if (typeof block === 'number') continue
    if (block.buffer !== bytes) block.copy(place)
    end += block.length
  }
  threadLitter.drop(end)
  return { kind: 'blocks', bytes, lengths }
}

/** What the blocks take, and the byte more that inflating the last of them asks for. */
function roomFor({ archive, manifest }: OpenVolume, hashes: Uint8Array): number {
  let bytes = 1
  for (let at = 0; at < hashes.byteLength / sha256Length; at += 1) {
    const { sizeBytes = 0 } = archive.entries.get(blockEntryName(Buffer.from(hashAt(hashes, at)))) ?? {}
    if (sizeBytes <= manifest.blocksize) bytes += sizeBytes
  }
  return bytes
}

function files(order: WholeFileOrder): UnpackReply {
  const open = volume
  assert(open, 'files come after open')
  if (oneBlock.length <= open.manifest.blocksize)
    oneBlock = Buffer.allocUnsafeSlow(open.manifest.blocksize + 1)
  const reply = writer.write(order, (hash) => {
    const block = soundBlock(open, hash, oneBlock)
    if (typeof block === 'number') return undefined
    threadLitter.drop(block.length)
    return block
  })
  return { kind: 'files', reply }
}

function answer(request: UnpackRequest): UnpackReply {
  switch (request.kind) {
    case 'open':
      volume = openVolumeFile(request)
      // What it was read from.
      if (volume.archive.entries.size > manyEntries) collectOld()
      return { kind: 'opened' }
    case 'blocks':
      return blocks(request)
    case 'files':
      return files(request.order)
    case 'close': {
      const entries = volume?.archive.entries.size ?? 0
      volume?.close()
      volume = undefined
      // Before the next takes its place.
      if (entries > manyEntries) collectOld()
    }
  }
  return { kind: 'closed' }
}

answerRequests<UnpackRequest>((request, port) => {
  try {
    const reply = answer(request)
    port.postMessage(reply, reply.kind === 'blocks' ? [reply.bytes] : [])
  } catch (error) {
    port.postMessage({ kind: 'failed', error: packError(error) } satisfies UnpackReply)
  }
})
