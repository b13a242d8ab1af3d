// A thread of the engine: started on a file of its own, told to end, waited for. It ends itself at the next message.
// `terminate` is never used: it can cut a thread off in the middle of making a compressor, and Node then brings the
// whole process down (an assertion in node_zlib.cc, seen once in twenty failing runs).
import { once } from 'node:events'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { assert } from '../../base/assert.ts'

/**
 * How much memory a thread may let pile up before it collects. Blocks pass through as buffers outside the heap, which
 * are freed when the young generation is collected: a small one is collected often, and costs nothing that could be
 * measured, while the usual 16 MiB let each thread hold 60 MiB of dead buffers.
 */
const limits = { maxYoungGenerationSizeMb: 2 }

/** The engine's side. */
export class Thread {
  readonly worker: Worker
  readonly #ended = new Int32Array(new SharedArrayBuffer(4))
  readonly #exited: Promise<unknown>

  constructor(file: URL) {
    this.worker = new Worker(file, { resourceLimits: limits, workerData: this.#ended })
    this.#exited = once(this.worker, 'exit')
    // A thread that fails is told of by its `error` event; it has exited then, too.
    this.#exited.catch(() => undefined)
  }

  /** What it has not begun is dropped; settles when it is gone. */
  async end(): Promise<void> {
    Atomics.store(this.#ended, 0, 1)
    this.worker.postMessage('end')
    await this.#exited.catch(() => undefined)
  }
}

/** The thread's side: hands over one request after the other until the engine says that it is enough. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what comes is what the engine's side sends
export function answerRequests<Request>(
  answer: (request: Request, port: NonNullable<typeof parentPort>) => void,
): void {
  const port = parentPort
  const ended: unknown = workerData
  assert(port && ended instanceof Int32Array, 'a thread is started by the engine')
  port.on('message', (request: Request) => {
    if (Atomics.load(ended, 0) === 1) port.close()
    else answer(request, port)
  })
}
