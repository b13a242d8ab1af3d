// Files on their way from a source: many are begun together, so that the distance to the machine is paid once and not
// per file; they are handed over in the order in which they were begun.
import type { FileReading, Source, SourceEntry } from '../../sources/source.ts'

export interface QueuedFile<T> {
  readonly path: Buffer
  readonly entry: SourceEntry
  readonly about: T
}

interface Begun<T> {
  readonly file: QueuedFile<T>
  readonly reading: Promise<FileReading>
  readonly weightBytes: number
}

/** Files at once: small files come in at (files at once) / (2 round trips); 256 give 6,400 a second at 20 ms. */
const maxFiles = 256
/** Of content at once; a source holds back the rest of a big file itself. */
const maxBytes = 16 << 20

export class ReadQueue<T> {
  readonly #source: Source
  readonly #signal: AbortSignal
  readonly #use: (file: QueuedFile<T>, reading: Promise<FileReading>) => Promise<void>
  readonly #begun: Begun<T>[] = []
  #bytes = 0

  /** `use` is called for each file in order, with its reading begun. */
  constructor(options: {
    source: Source
    signal: AbortSignal
    use: (file: QueuedFile<T>, reading: Promise<FileReading>) => Promise<void>
  }) {
    this.#source = options.source
    this.#signal = options.signal
    this.#use = options.use
  }

  async add(file: QueuedFile<T>): Promise<void> {
    const weightBytes = Math.min(file.entry.sizeBytes, maxBytes)
    while (this.#begun.length >= maxFiles || (this.#bytes > 0 && this.#bytes + weightBytes > maxBytes)) {
      await this.#useFirst()
    }
    const reading = this.#source.read(file, this.#signal)
    // Its outcome is looked at when its turn comes; until then a failure is not unhandled.
    reading.catch(() => undefined)
    this.#begun.push({ file, reading, weightBytes })
    this.#bytes += weightBytes
  }

  async drain(): Promise<void> {
    while (this.#begun.length > 0) await this.#useFirst()
  }

  async #useFirst(): Promise<void> {
    const first = this.#begun.shift()
    if (!first) return
    try {
      await this.#use(first.file, first.reading)
    } finally {
      this.#bytes -= first.weightBytes
    }
  }
}
