// Puts small pieces of bytes together into large ones. Writing, hashing and encrypting a volume in pieces of 30 bytes
// would cost more than the work itself.

export class ByteGather {
  readonly #room: Buffer
  readonly #sink: (bytes: Buffer) => void
  #used = 0
  #addedBytes = 0

  /** The sink gets pieces of `roomBytes`, the last one shorter. They are valid only until it returns. */
  constructor(roomBytes: number, sink: (bytes: Buffer) => void) {
    this.#room = Buffer.allocUnsafe(roomBytes)
    this.#sink = sink
  }

  /** All bytes so far, those that the sink has not got yet among them. */
  get addedBytes(): number {
    return this.#addedBytes
  }

  /** Copies the bytes. */
  add(bytes: Uint8Array): void {
    this.#addedBytes += bytes.length
    for (let at = 0; at < bytes.length;) {
      const count = Math.min(bytes.length - at, this.#room.length - this.#used)
      this.#room.set(bytes.subarray(at, at + count), this.#used)
      this.#used += count
      at += count
      if (this.#used === this.#room.length) this.flush()
    }
  }

  /** Gives the sink what is left over. */
  flush(): void {
    if (this.#used === 0) return
    this.#sink(this.#room.subarray(0, this.#used))
    this.#used = 0
  }
}
