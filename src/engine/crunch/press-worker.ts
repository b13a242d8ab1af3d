// The thread that compresses, encrypts and checks: it holds one open pair of volumes, adds the blocks of each slab that
// it is handed, and writes straight into the spool. Everything in here is synchronous; order is the order of messages.
import type { MessagePort } from 'node:worker_threads'
import { assert } from '../../base/assert.ts'
import { packError } from '../../base/error-transfer.ts'
import { systemRandomness } from '../../base/randomness.ts'
import { hashAt, VolumePairWriter } from '../volumes/volume-pair-writer.ts'
import {
  tableWidth,
  traitBlocklist,
  traitCompress,
  type PressReply,
  type PressRequest,
} from './press-messages.ts'
import { answerRequests } from './thread.ts'

let writer: VolumePairWriter | undefined
let failed = false

function addBlocks(request: Extract<PressRequest, { kind: 'blocks' }>, port: MessagePort): void {
  assert(writer, 'blocks come after open')
  const { table, hashes, slab } = request
  const bytes = Buffer.from(slab)
  for (let at = 0, index = 0; at < table.length; at += tableWidth, index += 1) {
    const offset = table[at] ?? 0
    const length = table[at + 1] ?? 0
    const traits = table[at + 2] ?? 0
    writer.add(hashAt(hashes, index), bytes.subarray(offset, offset + length), {
      compress: (traits & traitCompress) !== 0,
      isBlocklist: (traits & traitBlocklist) !== 0,
    })
  }
  port.postMessage({ kind: 'written', slab, volumeBytes: writer.sizeBytes } satisfies PressReply, [slab])
}

function answer(request: PressRequest, port: MessagePort): void {
  switch (request.kind) {
    case 'open':
      assert(!writer, 'one pair at a time')
      writer = new VolumePairWriter(request.names, request.profile, systemRandomness)
      return
    case 'blocks':
      addBlocks(request, port)
      return
    case 'close': {
      assert(writer, 'close comes after open')
      const pair = writer.finish()
      writer = undefined
      port.postMessage({ kind: 'finished', pair } satisfies PressReply)
    }
  }
}

answerRequests<PressRequest>((request, port) => {
  // After a failure the run is over: what is still on its way is dropped.
  if (failed) return
  try {
    answer(request, port)
  } catch (error) {
    failed = true
    port.postMessage({ kind: 'failed', error: packError(error) } satisfies PressReply)
  }
})
