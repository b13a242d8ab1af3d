// Looks into a backup without restoring anything: its versions, and where a file is.
import {
  findEntries,
  findGaps,
  listVersions,
  type BrowseJob,
  type FoundInVersion,
  type GapsOfVersion,
  type VersionSummary,
} from '../engine/browse/list-versions.ts'
import type { VersionChoice } from '../engine/restore/choose-version.ts'
import type { BackupPlace, World } from './world.ts'

/** The versions of the backup, newest first. */
export async function versions(place: BackupPlace, world: World): Promise<VersionSummary[]> {
  return withBackup(place, world, (job) => listVersions(job, world))
}

/** The entries that match, version by version, newest first. */
export async function find(
  request: BackupPlace & {
    readonly patterns: readonly string[]
    readonly versions: readonly VersionChoice[] | 'all'
  },
  world: World,
): Promise<FoundInVersion[]> {
  const { patterns, versions: chosen } = request
  return withBackup(request, world, (job) => findEntries({ ...job, patterns, versions: chosen }, world))
}

/** What versions do not hold as they should, as they say it themselves, newest first. */
export async function gaps(
  request: BackupPlace & { readonly versions: readonly VersionChoice[] | 'all' },
  world: World,
): Promise<GapsOfVersion[]> {
  const { versions: chosen } = request
  return withBackup(request, world, (job) => findGaps({ ...job, versions: chosen }, world))
}

async function withBackup<T>(
  place: BackupPlace,
  world: World,
  look: (job: BrowseJob) => Promise<T>,
): Promise<T> {
  const { targetUrl, addressOptions, prefix, passphrase } = place
  const target = world.adapters.target(targetUrl, addressOptions, world.progress)
  try {
    await target.open({ create: false }, world.signal)
    return await look({ target, prefix, passphrase, tempFolder: place.tempFolder ?? world.tempFolder })
  } finally {
    await target.close()
  }
}
