// Pins a version, or lets it go: what is pinned, no rule and no person deletes. A pin is a small file at the
// destination, so that it outlives the index and holds for whoever works on the backup.
import { sha256 } from '../../base/hash.ts'
import { isPullbackError } from '../../base/errors.ts'
import { formatPinName } from '../../format/pin-name.ts'
import type { Target } from '../../targets/target.ts'
import { chooseVersion, type VersionChoice } from '../restore/choose-version.ts'
import { demandVersions, listVolumes } from '../volumes/list-volumes.ts'

export interface PinJob {
  readonly target: Target
  readonly prefix: string
  readonly version: VersionChoice
}

export interface PinReport {
  readonly timeMs: number
  readonly isPinned: boolean
  /** False when it was so already. */
  readonly changed: boolean
}

export async function pinVersion(job: PinJob, signal: AbortSignal): Promise<PinReport> {
  const { timeMs, wasPinned, name } = await lookAt(job, signal)
  if (!wasPinned) await putPin(job.target, { name, timeMs }, signal)
  return { timeMs, isPinned: true, changed: !wasPinned }
}

export async function unpinVersion(job: PinJob, signal: AbortSignal): Promise<PinReport> {
  const { timeMs, wasPinned, name } = await lookAt(job, signal)
  if (wasPinned) await job.target.delete(name, signal)
  return { timeMs, isPinned: false, changed: wasPinned }
}

async function lookAt(
  { target, prefix, version }: PinJob,
  signal: AbortSignal,
): Promise<{ timeMs: number; wasPinned: boolean; name: string }> {
  const listing = await listVolumes(target, prefix, signal)
  demandVersions(listing, target, prefix)
  const { timeMs } = chooseVersion(listing, version)
  return { timeMs, wasPinned: listing.pinnedMs.has(timeMs), name: formatPinName({ prefix, timeMs }) }
}

async function putPin(
  target: Target,
  pin: { readonly name: string; readonly timeMs: number },
  signal: AbortSignal,
): Promise<void> {
  const text = `The version of ${new Date(pin.timeMs).toISOString()} is pinned: Pullback does not delete it.\n`
  const bytes = Buffer.from(text)
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes)
  }
  try {
    await target.put(pin.name, { sizeBytes: bytes.length, sha256: sha256(bytes), open }, signal)
  } catch (error) {
    // Another hand was faster: pinned is pinned.
    if (!isPullbackError(error, 'DestinationNameTaken')) throw error
  }
}
