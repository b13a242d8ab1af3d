// One unpack thread as the engine sees it: a volume is opened, asked for blocks, closed; answers come in order.
import { assert } from '../../base/assert.ts'
import { unpackError } from '../../base/error-transfer.ts'
import { asError } from '../../base/errors.ts'
import type { WholeFileOrder, WholeFileReply } from '../restore/whole-files.ts'
import { Thread } from './thread.ts'
import { blockAbsent, blockDamaged, type UnpackReply, type UnpackRequest } from './unpack-messages.ts'

/** The volume has no block of that hash, or one that is not what its name says. */
export type BlockFault = 'absent' | 'damaged'

export interface UnpackedBlocks {
  /** In the order of what was asked, or what is wrong with one. */
  readonly blocks: readonly (Buffer | BlockFault)[]
  /** What the blocks lie in. */
  readonly memory: ArrayBuffer
}

interface Asked {
  readonly resolve: (reply: UnpackReply) => void
  readonly reject: (error: Error) => void
}

export class UnpackLane {
  readonly #thread = new Thread(new URL('./unpack-worker.ts', import.meta.url))
  readonly #asked: Asked[] = []
  #broken: Error | undefined

  constructor() {
    const { worker } = this.#thread
    worker.on('message', (reply: UnpackReply) => {
      const asked = this.#asked.shift()
      if (reply.kind === 'failed') asked?.reject(unpackError(reply.error))
      else asked?.resolve(reply)
    })
    worker.on('error', (error) => this.#break(asError(error)))
    worker.on('exit', () => this.#break(new Error('the unpack thread ended')))
  }

  /** Fails as `openVolumeFile` does. */
  async open(file: { path: string; name: string; passphrase: string | undefined }): Promise<void> {
    await this.#ask({ kind: 'open', ...file })
  }

  /**
   * The blocks of these hashes. Memory of an answer whose blocks are done with is taken for this one: buffers that are
   * dropped by the gigabyte keep the collector busier than the blocks keep the thread.
   */
  async blocks(hashes: readonly Uint8Array[], memory: ArrayBuffer | undefined): Promise<UnpackedBlocks> {
    const wanted = new Uint8Array(Buffer.concat(hashes))
    const reply = await this.#ask({ kind: 'blocks', hashes: wanted, memory }, memory ? [memory] : [])
    assert(reply.kind === 'blocks', 'blocks are answered with blocks')
    let at = 0
    const blocks = Array.from(reply.lengths, (length) => {
      if (length === blockAbsent) return 'absent'
      if (length === blockDamaged) return 'damaged'
      const block = Buffer.from(reply.bytes, at, length)
      at += length
      return block
    })
    return { blocks, memory: reply.bytes }
  }

  /** Writes files of the open volume's blocks. */
  async files(order: WholeFileOrder): Promise<WholeFileReply> {
    const reply = await this.#ask({ kind: 'files', order })
    assert(reply.kind === 'files', 'files are answered with files')
    return reply.reply
  }

  async close(): Promise<void> {
    await this.#ask({ kind: 'close' })
  }

  async end(): Promise<void> {
    await this.#thread.end()
  }

  #ask(request: UnpackRequest, transfer: ArrayBuffer[] = []): Promise<UnpackReply> {
    if (this.#broken) return Promise.reject(this.#broken)
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject })
      this.#thread.worker.postMessage(request, transfer)
    })
  }

  #break(error: Error): void {
    this.#broken ??= error
    for (const asked of this.#asked.splice(0)) asked.reject(error)
  }
}
