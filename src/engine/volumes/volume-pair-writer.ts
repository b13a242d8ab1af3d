// A dblock and the dindex that describes it, written one after the other into the spool. Before either is given out it
// is read back from the file and every block's hash is checked: a volume that does not come back as it went in is
// never sent (bad memory and bad compressors have cost people their backups).
import type { Randomness } from '../../base/randomness.ts'
import { sha256, sha256Length } from '../../base/hash.ts'
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { blockEntryName, blockHashOfEntryName } from '../../format/block-name.ts'
import { looksCompressible } from '../../format/compressible.ts'
import { readVol, volEntryName } from '../../format/dindex.ts'
import { manifestEntryName } from '../../format/manifest.ts'
import { threadLitter } from '../crunch/litter.ts'
import { openVolumeFile } from './read-volume-file.ts'
import type { FinishedFile, VolumeProfile } from './volume-profile.ts'
import { writeDindex } from './write-dindex.ts'
import { VolumeFileWriter } from './write-volume-file.ts'

export interface PairNames {
  readonly dblockName: string
  readonly dblockPath: string
  readonly dindexName: string
  readonly dindexPath: string
}

export interface FinishedPair {
  readonly dblock: FinishedFile
  readonly dindex: FinishedFile
}

/** What the writer should know of a block besides its bytes. */
export interface BlockTraits {
  /** False for content that is known to be compressed already. */
  readonly compress: boolean
  /** Blocklists are kept in the dindex as well. */
  readonly isBlocklist: boolean
}

interface WrittenBlock {
  readonly hash: Buffer
  readonly sizeBytes: number
}

export class VolumePairWriter {
  readonly #names: PairNames
  readonly #profile: VolumeProfile
  readonly #randomness: Randomness
  readonly #dblock: VolumeFileWriter
  readonly #blocks: WrittenBlock[] = []
  readonly #blocklists: Buffer[] = []

  constructor(names: PairNames, profile: VolumeProfile, randomness: Randomness) {
    this.#names = names
    this.#profile = profile
    this.#randomness = randomness
    this.#dblock = new VolumeFileWriter(names.dblockPath, profile, randomness)
  }

  get sizeBytes(): number {
    return this.#dblock.sizeBytes
  }

  /** Takes a block that is in no volume yet. The hash is the SHA-256 of the bytes; both are copied. */
  add(hash: Uint8Array, bytes: Uint8Array, traits: BlockTraits): void {
    const ownHash = Buffer.from(hash)
    const level = traits.compress && !traits.isBlocklist && looksCompressible(bytes) ? this.#profile.level : 0
    this.#dblock.zip.add(blockEntryName(ownHash), bytes, { level })
    this.#blocks.push({ hash: ownHash, sizeBytes: bytes.byteLength })
    threadLitter.drop(bytes.byteLength)
    if (traits.isBlocklist) this.#blocklists.push(Buffer.from(bytes))
  }

  finish(): FinishedPair {
    const dblock = this.#dblock.finish()
    this.#checkDblock(dblock)
    const { dblockName, dindexPath } = this.#names
    const contents = { dblockName, dblock, blocks: this.#blocks, blocklists: this.#blocklists }
    const dindex = writeDindex(dindexPath, contents, { profile: this.#profile, randomness: this.#randomness })
    this.#checkDindex(dindex)
    return { dblock, dindex }
  }

  discard(): void {
    this.#dblock.discard()
  }

  #checkDblock(file: FinishedFile): void {
    this.#readBack(file, this.#names.dblockName, (archive) => {
      let checked = 0
      for (const name of archive.entries.keys()) {
        if (name === manifestEntryName) continue
        const hash = sha256(archive.read(name, this.#profile.blocksize))
        if (!blockHashOfEntryName(name)?.equals(hash)) return `block ${name} has another hash`
        checked += 1
        threadLitter.drop(archive.entries.get(name)?.sizeBytes ?? 0)
      }
      return checked === this.#blocks.length
        ? undefined
        : `it holds ${checked} blocks of ${this.#blocks.length}`
    })
  }

  #checkDindex(file: FinishedFile): void {
    this.#readBack(file, this.#names.dindexName, (archive) => {
      const name = volEntryName(this.#names.dblockName)
      const size = archive.entries.get(name)?.sizeBytes ?? 0
      const count = readVol(archive.read(name, size)).blocks.length
      return count === this.#blocks.length ? undefined : `it names ${count} blocks of ${this.#blocks.length}`
    })
  }

  #readBack(
    file: FinishedFile,
    name: string,
    check: (archive: ReturnType<typeof openVolumeFile>['archive']) => string | undefined,
  ): void {
    let found: string | undefined
    let cause: unknown
    try {
      const { passphrase } = this.#profile
      const volume = openVolumeFile({ path: file.path, name, passphrase })
      try {
        found = check(volume.archive)
      } finally {
        volume.close()
      }
    } catch (error) {
      if (!isPullbackError(error) || error.kind !== 'integrity') throw error
      found = error.what
      cause = error
    }
    if (found === undefined) return
    throw new PullbackError('WriteCheckFailed', {
      what: `the volume ${name} did not read back as it was written: ${found}`,
      subject: name,
      cause,
    })
  }
}

/** Splits concatenated hashes, as they cross to the worker threads. */
export function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * sha256Length, (index + 1) * sha256Length)
}
