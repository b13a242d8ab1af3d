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
import { threadLitter } from './litter.ts'
import { answerRequests } from './thread.ts'
import { blockAbsent, blockDamaged, type UnpackReply, type UnpackRequest } from './unpack-messages.ts'

let volume: OpenVolume | undefined
const writer = new WholeFileWriter()

/** The block of that hash, or what is wrong with it. */
function soundBlock(open: OpenVolume, hash: Uint8Array): Buffer | typeof blockAbsent | typeof blockDamaged {
  const name = blockEntryName(Buffer.from(hash))
  if (!open.archive.entries.has(name)) return blockAbsent
  try {
    const bytes = open.archive.read(name, open.manifest.blocksize)
    return sha256(bytes).equals(hash) ? bytes : blockDamaged
  } catch (error) {
    if (isPullbackError(error, 'VolumeDamaged', 'FormatUnsupported')) return blockDamaged
    throw error
  }
}

function blocks(hashes: Uint8Array): UnpackReply {
  assert(volume, 'blocks come after open')
  const count = hashes.byteLength / sha256Length
  const lengths = new Uint32Array(count)
  const found: Buffer[] = []
  for (let at = 0; at < count; at += 1) {
    const block = soundBlock(volume, hashAt(hashes, at))
    lengths[at] = typeof block === 'number' ? block : block.length
    if (typeof block !== 'number') found.push(block)
  }
  const bytes = new ArrayBuffer(found.reduce((sum, one) => sum + one.length, 0))
  const joined = Buffer.from(bytes)
  let at = 0
  for (const one of found) at += one.copy(joined, at)
  threadLitter.drop(2 * at)
  return { kind: 'blocks', bytes, lengths }
}

function files(order: WholeFileOrder): UnpackReply {
  const open = volume
  assert(open, 'files come after open')
  const reply = writer.write(order, (hash) => {
    const block = soundBlock(open, hash)
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
      return { kind: 'opened' }
    case 'blocks':
      return blocks(request.hashes)
    case 'files':
      return files(request.order)
    case 'close':
      volume?.close()
      volume = undefined
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
