// Reads a JSON document whose weight lies in one array, of a million elements perhaps, in bounded memory: the list of
// files of a version, the block list of a volume. The first array of the document comes out element by element as its
// bytes arrive; the document around it, with that array empty, is the frame and comes at the end. A scan over the bytes
// only looks for the commas between elements, and JSON.parse does the rest for a whole run of them at once (measured:
// 250 MB/s on one core, in 130 MB of memory whether there are 0.3 or 1.2 million). Anything that is not valid JSON in
// valid UTF-8, or is too deep or too long, is VolumeDamaged; what was handed out before that must then not be used.
import { isUtf8 } from 'node:buffer'
import { jsonDamaged, parseJson } from './json-text.ts'

// Bytes taken at once: what bounds the number of elements in memory. Measured: 16 to 256 KiB differ by 5 %.
const sliceBytes = 64 * 1024
// One element. The longest true one is a file with many blocklists, 47 bytes each: 16 MiB name those of a file of
// 1.1 TiB at blocks of 10 KiB (the smallest in use), or of 11 PiB at 1 MiB.
const elementLimitBytes = 16 * 1024 * 1024
// The document around the array: a name, a hash, a size.
const frameLimitBytes = 64 * 1024
// Brackets open at once, the array itself being the first. True documents have three.
const depthLimit = 8

const quote = 0x22
const comma = 0x2c
const openArray = 0x5b
const backslash = 0x5c
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

export class JsonElements {
  readonly #what: string
  #place: 'before' | 'inside' | 'after' = 'before'
  #depth = 0
  #inString = false
  #escaped = false
  #anyCut = false
  /** The bytes of an element that is not complete yet. */
  #held: Uint8Array[] = []
  #heldBytes = 0
  readonly #frame: Uint8Array[] = []
  #frameBytes = 0

  /** `what` names the document in errors: "the file list". */
  constructor(what: string) {
    this.#what = what
  }

  /** Takes the next bytes, and gives the elements they complete, in runs. The bytes are not kept. */
  *push(bytes: Uint8Array): Generator<unknown[]> {
    for (let from = 0; from < bytes.length; from += sliceBytes) {
      const elements = this.#take(bytes.subarray(from, from + sliceBytes))
      if (elements.length > 0) yield elements
    }
  }

  /** To be called after the last bytes: the document, with its first array empty. */
  end(): unknown {
    if (this.#place === 'inside') throw this.#damaged('ends too early')
    return parseJson(Buffer.concat(this.#frame), { what: this.#what, limitBytes: frameLimitBytes })
  }

  #take(slice: Uint8Array): unknown[] {
    let from = 0
    let elements: unknown[] = []
    if (this.#place === 'before') {
      from = this.#findArray(slice)
      this.#keepFrame(slice.subarray(0, from))
    }
    if (this.#place === 'inside') {
      const cut = this.#findLastCut(slice, from)
      if (cut !== -1) {
        elements = this.#parse(slice.subarray(from, cut))
        from = this.#ended() ? cut : cut + 1
      }
      if (!this.#ended()) this.#hold(slice.subarray(from))
    }
    if (this.#ended()) this.#keepFrame(slice.subarray(from))
    return elements
  }

  #ended(): boolean {
    return this.#place === 'after'
  }

  /** Where the array's content begins: after its bracket, or at the end of the slice if it is still to come. */
  #findArray(slice: Uint8Array): number {
    for (let at = 0; at < slice.length; at++) {
      const byte = slice[at]
      if (this.#escaped) this.#escaped = false
      else if (this.#inString && byte === backslash) this.#escaped = true
      else if (byte === quote) this.#inString = !this.#inString
      else if (byte === openArray && !this.#inString) {
        this.#place = 'inside'
        this.#depth = 1
        return at + 1
      }
    }
    return slice.length
  }

  /** The place of the last comma between two elements, or of the bracket that ends the array; -1 if none is here. */
  #findLastCut(slice: Uint8Array, from: number): number {
    // Every byte of the document passes here, most of them in strings: hence a loop for those alone, and local state.
    let cut = -1
    let depth = this.#depth
    let inString = this.#inString
    let at = this.#escaped ? from + 1 : from
    while (at < slice.length && depth > 0) {
      let byte = slice[at++]
      if (inString) {
        while (byte !== quote && byte !== backslash && at < slice.length) byte = slice[at++]
        if (byte === backslash) at++
        else inString = byte !== quote
      } else if (byte === quote) inString = true
      else if (byte === comma && depth === 1) cut = at - 1
      else if (byte === closeObject || byte === closeArray) depth--
      else if (byte === openObject || byte === openArray) depth++
      if (depth > depthLimit) throw this.#damaged('is nested too deep')
    }
    this.#depth = depth
    this.#inString = inString
    this.#escaped = at > slice.length
    if (depth > 0) return cut
    this.#place = 'after'
    return at - 1
  }

  /** The elements in what was held and what follows it, up to a cut. */
  #parse(last: Uint8Array): unknown[] {
    const bytes = this.#held.length === 0 ? last : Buffer.concat([...this.#held, last])
    this.#held = []
    this.#heldBytes = 0
    if (!isUtf8(bytes)) throw this.#damaged('is not valid UTF-8')
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
    const elements = this.#parseArray(`[${text}]`)
    if (elements.length === 0 && (this.#anyCut || !this.#ended())) throw this.#damaged('is not valid JSON')
    this.#anyCut = true
    return elements
  }

  #parseArray(text: string): unknown[] {
    try {
      return JSON.parse(text) as unknown[]
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      throw jsonDamaged(this.#what, 'is not valid JSON', error)
    }
  }

  #hold(bytes: Uint8Array): void {
    this.#heldBytes += bytes.length
    if (this.#heldBytes > elementLimitBytes) throw this.#damaged('has an element of more than 16 MiB')
    if (bytes.length > 0) this.#held.push(Uint8Array.from(bytes))
  }

  #keepFrame(bytes: Uint8Array): void {
    this.#frameBytes += bytes.length
    if (this.#frameBytes > frameLimitBytes) throw this.#damaged('is too long outside of its entries')
    if (bytes.length > 0) this.#frame.push(Uint8Array.from(bytes))
  }

  #damaged(how: string): Error {
    return jsonDamaged(this.#what, how)
  }
}
