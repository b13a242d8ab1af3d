// Brings a volume from the destination into the spool and opens it. Size and, where it is known, hash are checked on
// the way, before anything of it is believed.
import { open as openFile, unlink, type FileHandle } from 'node:fs/promises'
import { newSha256 } from '../../base/hash.ts'
import { PullbackError } from '../../base/errors.ts'
import type { Target } from '../../targets/target.ts'
import type { Progress } from '../progress.ts'
import type { Spool } from '../spool.ts'
import { namingVolume, openVolumeFile, type OpenVolume } from './read-volume-file.ts'
import { spoolWork } from './spool-call.ts'

export interface RemoteVolume {
  readonly name: string
  /** As the destination lists it. */
  readonly sizeBytes: number
}

export interface Fetching {
  readonly target: Target
  readonly spool: Spool
  readonly passphrase: string | undefined
  readonly progress: Progress
  readonly signal: AbortSignal
}

export interface FetchedFile {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: Buffer
}

/** Copies a volume into the spool, and gives its path. `VolumeDamaged` if it is not as long as the destination says. */
export async function fetchToSpool(
  fetching: Fetching,
  volume: RemoteVolume,
  onChunk?: (chunk: Uint8Array) => void,
): Promise<string> {
  const { spool } = fetching
  const path = spool.pathForFetched(volume.name)
  const file = await spoolWork(path, openFile(path, 'wx', 0o600))
  try {
    await copyInto(file, path, { fetching, volume, onChunk })
  } catch (error) {
    // What is left over goes with the spool; the reason to be told is that of the copy.
    await unlink(path).catch(() => undefined)
    throw error
  }
  return path
}

async function copyInto(
  file: FileHandle,
  path: string,
  what: { fetching: Fetching; volume: RemoteVolume; onChunk: ((chunk: Uint8Array) => void) | undefined },
): Promise<void> {
  const { fetching, volume, onChunk } = what
  const { target, progress, signal } = fetching
  let sizeBytes = 0
  try {
    for await (const chunk of target.get(volume.name, { signal })) {
      onChunk?.(chunk)
      sizeBytes += chunk.byteLength
      progress.bytesTransferred += chunk.byteLength
      for (let done = 0; done < chunk.byteLength;) {
        const { bytesWritten } = await spoolWork(path, file.write(chunk, done))
        done += bytesWritten
      }
    }
  } finally {
    await spoolWork(path, file.close())
  }
  if (sizeBytes !== volume.sizeBytes) {
    throw new PullbackError('VolumeDamaged', {
      what: `${volume.name} has ${sizeBytes} bytes where the destination lists ${volume.sizeBytes}`,
      subject: volume.name,
    })
  }
}

/** The same, for whoever knows what hash it must have. */
export async function fetchHashed(fetching: Fetching, volume: RemoteVolume): Promise<FetchedFile> {
  const hash = newSha256()
  const path = await fetchToSpool(fetching, volume, (chunk) => hash.update(chunk))
  return { path, sizeBytes: volume.sizeBytes, sha256: hash.digest() }
}

/** Fetches and opens a volume, hands it to `use`, and removes it from the spool again. */
export async function withVolume<T>(
  fetching: Fetching,
  volume: RemoteVolume,
  use: (open: OpenVolume, file: FetchedFile) => Promise<T> | T,
): Promise<T> {
  const file = await fetchHashed(fetching, volume)
  try {
    const open = openVolumeFile({ path: file.path, name: volume.name, passphrase: fetching.passphrase })
    try {
      return await use(open, file)
    } catch (error) {
      throw namingVolume(volume.name, error)
    } finally {
      open.close()
    }
  } finally {
    fetching.spool.remove(file.path)
  }
}
