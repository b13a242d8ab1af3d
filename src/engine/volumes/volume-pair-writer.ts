// A dblock and the dindex that describes it, written one after the other into the spool. Before either is given out it
// is read back from the file and every block's hash is checked: a volume that does not come back as it went in is
// never sent (bad memory and bad compressors have cost people their backups).
import { statSync } from 'node:fs'
import type { Randomness } from '../../base/randomness.ts'
import { sha256, sha256Length } from '../../base/hash.ts'
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { blockEntryName } from '../../format/block-name.ts'
import { looksCompressible } from '../../format/compressible.ts'
import { readVol, volEntryName } from '../../format/dindex.ts'
import type { ZipArchive } from '../../format/zip/zip-reader.ts'
import { threadLitter } from '../../base/litter.ts'
import { blocksIn } from './blocks-in.ts'
import { openVolumeFile } from './read-volume-file.ts'
import type { FinishedFile, VolumeProfile } from './volume-profile.ts'
import { writeDindex } from './write-dindex.ts'
import { spoolCall } from './spool-call.ts'
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

export class VolumePairWriter {
  readonly #names: PairNames
  readonly #profile: VolumeProfile
  readonly #randomness: Randomness
  readonly #dblock: VolumeFileWriter
  readonly #blocklists: Buffer[] = []
  #blockCount = 0

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
    const level = traits.compress && !traits.isBlocklist && looksCompressible(bytes) ? this.#profile.level : 0
    this.#dblock.zip.add(blockEntryName(Buffer.from(hash)), bytes, { level })
    this.#blockCount += 1
    if (traits.isBlocklist) this.#blocklists.push(Buffer.from(bytes))
  }

  finish(): FinishedPair {
    const dblock = this.#dblock.finish()
    const { dblockName, dblockPath, dindexName, dindexPath } = this.#names
    const dindex = this.#readBack({ name: dblockName, path: dblockPath }, (archive) => {
      this.#checkBlocks(archive)
      const contents = { dblockName, dblock, blocks: blocksIn(archive), blocklists: this.#blocklists }
      return writeDindex(dindexPath, contents, { profile: this.#profile, randomness: this.#randomness })
    })
    this.#readBack({ name: dindexName, path: dindexPath }, (archive) => this.#checkDindex(archive, dblock))
    return { dblock, dindex }
  }

  discard(): void {
    this.#dblock.discard()
  }

  #checkBlocks(archive: ZipArchive): void {
    const { blocksize } = this.#profile
    const memory = Buffer.allocUnsafe(blocksize + 1)
    let checked = 0
    for (const { name, hash, sizeBytes } of blocksIn(archive)) {
      const found = sha256(archive.read(name, blocksize, memory))
      if (!found.equals(hash)) throw notAsWritten(`block ${name} has another hash`)
      checked += 1
      threadLitter.drop(sizeBytes)
    }
    if (checked !== this.#blockCount) {
      throw notAsWritten(`it holds ${checked} blocks of ${this.#blockCount}`)
    }
  }

  /** What it says of the dblock is held against the file itself: stock refuses a volume of another size or hash. */
  #checkDindex(archive: ZipArchive, dblock: FinishedFile): void {
    const name = volEntryName(this.#names.dblockName)
    const size = archive.entries.get(name)?.sizeBytes ?? 0
    const { blocks, volumeHash, volumeSizeBytes } = readVol(archive.read(name, size))
    if (blocks.length !== this.#blockCount) {
      throw notAsWritten(`it names ${blocks.length} blocks of ${this.#blockCount}`)
    }
    const { size: sizeBytes } = spoolCall(dblock.path, () => statSync(dblock.path))
    if (volumeSizeBytes !== sizeBytes || dblock.sizeBytes !== sizeBytes) {
      throw notAsWritten(`it says ${volumeSizeBytes} bytes of a volume of ${sizeBytes}`)
    }
    if (!volumeHash?.equals(dblock.sha256)) throw notAsWritten('it says another hash of its volume')
  }

  #readBack<T>({ name, path }: { name: string; path: string }, use: (archive: ZipArchive) => T): T {
    try {
      const volume = openVolumeFile({ path, name, passphrase: this.#profile.passphrase })
      try {
        return use(volume.archive)
      } finally {
        volume.close()
      }
    } catch (error) {
      if (!isPullbackError(error) || error.kind !== 'integrity') throw error
      throw new PullbackError('WriteCheckFailed', {
        what: `the volume ${name} did not read back as it was written: ${error.what}`,
        subject: name,
        cause: error,
      })
    }
  }
}

function notAsWritten(what: string): PullbackError {
  return new PullbackError('VolumeDamaged', { what })
}

/** Splits concatenated hashes, as they cross to the worker threads. */
export function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * sha256Length, (index + 1) * sha256Length)
}
