// The volumes that an ordered reading is working with. Each is fetched into the spool when it is first needed, the next
// one is fetched meanwhile, and one is removed when nothing needs it any more. If those that are still needed do not
// fit into the space allowed, the one that was not asked for the longest goes, and is fetched again later. For one
// reader, who asks for one block at a time.
import { sha256 } from '../../../base/hash.ts'
import { PullbackError } from '../../../base/errors.ts'
import { blockEntryName } from '../../../format/block-name.ts'
import type { VolumeTable } from '../../../index-db/volume-table.ts'
import { fetchToSpool, type Fetching, type RemoteVolume } from '../../volumes/fetch-volume.ts'
import { openVolumeFile, type OpenVolume } from '../../volumes/read-volume-file.ts'
import { costsOneVolume } from '../../rebuild/load-dindex.ts'

/** Twenty volumes of the usual size: room enough for what a tree shares over many runs. */
const spoolBytes = 1 << 30
/** Each holds its directory in memory; a file's blocks and its neighbours' lie in one or two. */
const mostOpen = 4

interface Fetched {
  readonly sizeBytes: number
  readonly file: Promise<string>
}

interface ShelfOptions {
  readonly volumes: VolumeTable
  readonly fetching: Fetching
  readonly spoolLimitBytes?: number
}

export class VolumeShelf {
  readonly #volumes: VolumeTable
  readonly #fetching: Fetching
  readonly #limitBytes: number
  readonly #closing = new AbortController()
  /** Blocks that will still be asked for, by volume, in the order in which volumes are first needed. */
  readonly #needs = new Map<number, number>()
  /** Least recently used first, both. */
  readonly #fetched = new Map<number, Fetched>()
  readonly #open = new Map<number, OpenVolume>()
  readonly #unusable = new Map<number, PullbackError>()
  /** Settled when the file of a volume that was given up is gone. */
  readonly #leaving = new Map<number, Promise<void>>()
  #heldBytes = 0

  constructor({ volumes, fetching, spoolLimitBytes = spoolBytes }: ShelfOptions) {
    this.#volumes = volumes
    this.#limitBytes = spoolLimitBytes
    const signal = AbortSignal.any([fetching.signal, this.#closing.signal])
    this.#fetching = { ...fetching, signal }
  }

  /** Says that so many blocks of a volume will be asked for, in the order in which they will be. */
  announce(volumeId: number, blocks: number): void {
    this.#needs.set(volumeId, (this.#needs.get(volumeId) ?? 0) + blocks)
  }

  /** One announced block is done with, wherever it came from. */
  done(volumeId: number): void {
    const left = (this.#needs.get(volumeId) ?? 0) - 1
    if (left > 0) {
      this.#needs.set(volumeId, left)
      return
    }
    this.#needs.delete(volumeId)
    this.#drop(volumeId)
  }

  /**
   * The block of that hash, checked. Fails with `BlockMissing`, `BlockDamaged`, or with what makes the whole volume
   * unusable; all of these say nothing of other volumes.
   */
  async block(volumeId: number, hash: Buffer): Promise<Buffer> {
    const { archive, manifest } = await this.#volume(volumeId)
    const name = blockEntryName(hash)
    const subject = this.#volumes.get(volumeId)?.name ?? ''
    const what = `block ${hash.toString('base64')} in ${subject}`
    if (!archive.entries.has(name))
      throw new PullbackError('BlockMissing', { what: `${what} is not there`, subject })
    try {
      const bytes = archive.read(name, manifest.blocksize)
      if (sha256(bytes).equals(hash)) return bytes
    } catch (error) {
      if (!costsOneVolume(error, { purpose: 'restore' })) throw error
    }
    throw new PullbackError('BlockDamaged', { what: `${what} is damaged`, subject })
  }

  /** Stops fetching, and closes what is open. The files go with the spool. */
  async close(): Promise<void> {
    this.#closing.abort()
    for (const open of this.#open.values()) open.close()
    await Promise.allSettled([...this.#fetched.values().map(({ file }) => file), ...this.#leaving.values()])
  }

  async #volume(volumeId: number): Promise<OpenVolume> {
    const unusable = this.#unusable.get(volumeId)
    if (unusable) throw unusable
    const known = this.#open.get(volumeId)
    if (known) {
      this.#touch(volumeId, known)
      return known
    }
    try {
      const { name, file } = this.#fetch(volumeId)
      const path = await file
      this.#fetchAhead(volumeId)
      const open = openVolumeFile({ path, name, passphrase: this.#fetching.passphrase })
      this.#touch(volumeId, open)
      return open
    } catch (error) {
      this.#drop(volumeId)
      if (costsOneVolume(error, { purpose: 'restore' })) this.#unusable.set(volumeId, error)
      throw error
    }
  }

  #touch(volumeId: number, open: OpenVolume): void {
    this.#open.delete(volumeId)
    this.#open.set(volumeId, open)
    const [oldest] = this.#open
    if (!oldest || this.#open.size <= mostOpen) return
    oldest[1].close()
    this.#open.delete(oldest[0])
  }

  /** Begins to fetch a volume, if that has not begun. */
  #fetch(volumeId: number): { readonly name: string; readonly file: Promise<string> } {
    const volume = this.#volumes.get(volumeId)
    if (!volume) throw new PullbackError('BlockMissing', { what: 'a volume of the backup is not known' })
    const { name, sizeBytes: listedBytes } = volume
    const sizeBytes = listedBytes ?? 0
    const known = this.#fetched.get(volumeId)
    if (known) {
      this.#fetched.delete(volumeId)
      this.#fetched.set(volumeId, known)
      return { name, file: known.file }
    }
    for (const oldest of this.#fetched.keys()) {
      if (this.#heldBytes + sizeBytes <= this.#limitBytes) break
      this.#drop(oldest)
    }
    const file = this.#fetchAfter(this.#leaving.get(volumeId), { name, sizeBytes })
    // Told to whoever asks for the volume.
    file.catch(() => undefined)
    this.#fetched.set(volumeId, { sizeBytes, file })
    this.#heldBytes += sizeBytes
    return { name, file }
  }

  async #fetchAfter(leaving: Promise<void> | undefined, volume: RemoteVolume): Promise<string> {
    await leaving
    return fetchToSpool(this.#fetching, volume)
  }

  /** The volume that will be needed next and is not here, if there is room for it without giving another up. */
  #fetchAhead(current: number): void {
    let seen = false
    for (const volumeId of this.#needs.keys()) {
      if (seen && !this.#fetched.has(volumeId) && !this.#unusable.has(volumeId)) {
        const sizeBytes = this.#volumes.get(volumeId)?.sizeBytes ?? 0
        if (this.#heldBytes + sizeBytes <= this.#limitBytes) this.#fetch(volumeId)
        return
      }
      seen ||= volumeId === current
    }
  }

  #drop(volumeId: number): void {
    this.#open.get(volumeId)?.close()
    this.#open.delete(volumeId)
    const fetched = this.#fetched.get(volumeId)
    if (!fetched) return
    this.#fetched.delete(volumeId)
    this.#heldBytes -= fetched.sizeBytes
    // What cannot be removed now goes with the spool; a fetch that failed has removed its own.
    const remove = (path: string): void => this.#fetching.spool.remove(path)
    this.#leaving.set(
      volumeId,
      fetched.file.then(remove).catch(() => undefined),
    )
  }
}
