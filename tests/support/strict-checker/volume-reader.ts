// Opens the volumes of one folder, one at a time: reads the file, decrypts it, takes the archive apart and checks the
// manifest. It remembers what must be the same in all volumes (the blocksize) and what must never be (IVs and keys).
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decryptStream } from './aes-crypt.ts'
import { Unreadable, type Place } from './findings.ts'
import { sha256 } from './hashes.ts'
import { readManifest } from './manifest.ts'
import type { VolumeName } from './volume-names.ts'
import { readArchive, type ZipEntry } from './zip-archive.ts'

export type Volume = {
  name: VolumeName
  place: Place
  /** Of the file as it lies in the folder. */
  sizeBytes: number
  hash: string
  blocksize: number
  entries: readonly ZipEntry[]
}

export class VolumeReader {
  /** What the first manifest said, unless the caller knew it before. */
  blocksize: number | undefined
  bytesRead = 0
  readonly #folder: string
  readonly #passphrase: string | undefined
  readonly #randomValues = new Map<string, string>()

  constructor(options: { folder: string; passphrase: string | undefined; blocksize: number | undefined }) {
    this.#folder = options.folder
    this.#passphrase = options.passphrase
    this.blocksize = options.blocksize
  }

  /** The opened volume, or undefined if it cannot be read, which is a finding at `place` then. */
  async open(name: VolumeName, place: Place): Promise<Volume | undefined> {
    const bytes = await readFile(join(this.#folder, name.name))
    this.bytesRead += bytes.length
    const weight = name.kind === 'dlist' ? 'broken' : 'leftover'
    return place.attempt(weight, () => {
      const entries = readArchive(this.#decrypt(bytes, name, place), place)
      const blocksize = this.#checkManifest(entries, place)
      return { name, place, sizeBytes: bytes.length, hash: sha256(bytes), blocksize, entries }
    })
  }

  #decrypt(bytes: Buffer, name: VolumeName, place: Place): Buffer {
    if (!name.encrypted) {
      if (this.#passphrase !== undefined) place.unlike('is not encrypted, although there is a passphrase')
      return bytes
    }
    if (this.#passphrase === undefined) throw new Unreadable('is encrypted, and no passphrase was given')
    const { plaintext, iv, sessionKey } = decryptStream(bytes, this.#passphrase, place)
    this.#expectFresh('IV1', iv, { name: name.name, place })
    this.#expectFresh('session key', sessionKey, { name: name.name, place })
    return plaintext
  }

  #expectFresh(what: string, hex: string, stream: { name: string; place: Place }): void {
    const first = this.#randomValues.get(hex)
    if (first !== undefined) stream.place.unlike(`${what} expected random, found that of ${first}`)
    this.#randomValues.set(hex, stream.name)
  }

  #checkManifest(entries: readonly ZipEntry[], place: Place): number {
    if (entries[0]?.name !== 'manifest') {
      place.unlike(`first entry expected "manifest", found "${entries[0]?.name ?? 'nothing'}"`)
    }
    const manifest = entries.find((entry) => entry.name === 'manifest')
    if (manifest === undefined) throw new Unreadable('has no manifest')
    const here = place.at('manifest')
    const blocksize = manifestOf(manifest, here)
    this.blocksize ??= blocksize
    if (blocksize !== this.blocksize) here.broken(`Blocksize expected ${this.blocksize}, found ${blocksize}`)
    return this.blocksize
  }
}

/** A manifest that cannot be followed makes the whole volume unreadable. */
function manifestOf(entry: ZipEntry, place: Place): number {
  try {
    return readManifest(entry.content(), place)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    throw new Unreadable(`manifest: ${error.message}`, { cause: error })
  }
}
