// The beginning that all ways out of a backup share: look at the destination, choose the version, prove the passphrase,
// and make the scratch folder and the scratch index that go when the work is done. The index of the backup itself is
// never used.
import type { Index } from '../../../index-db/open-index.ts'
import { openIndex } from '../../../index-db/open-index.ts'
import type { Target } from '../../../targets/target.ts'
import type { RunContext } from '../../run-context.ts'
import { Spool } from '../../spool.ts'
import { checkPassphrase } from '../../volumes/check-passphrase.ts'
import type { Fetching } from '../../volumes/fetch-volume.ts'
import {
  demandVersions,
  listVolumes,
  type ListedDlist,
  type VolumeListing,
} from '../../volumes/list-volumes.ts'
import { chooseVersion, type VersionChoice } from '../choose-version.ts'

export interface VersionJob {
  readonly target: Target
  readonly prefix: string
  /** Undefined: not encrypted. */
  readonly passphrase: string | undefined
  readonly version: VersionChoice
  /** Folder below which the scratch folder is made. */
  readonly tempFolder: string
}

export interface OpenedVersion {
  readonly dlist: ListedDlist
  readonly listing: VolumeListing
  readonly fetching: Fetching
  /** Empty yet. */
  readonly index: Index
}

/** Runs `use` on a version. Fails as the destination does, or with `VersionMissing` or an error of the passphrase. */
export async function withVersion<T>(
  job: VersionJob,
  run: RunContext,
  use: (version: OpenedVersion) => Promise<T>,
): Promise<T> {
  const { target, passphrase } = job
  const { progress, signal } = run
  progress.phase = 'checking the destination'
  progress.subject = target.label
  const listing = await listVolumes(target, job.prefix, signal)
  demandVersions(listing, target, job.prefix)
  const dlist = chooseVersion(listing, job.version)
  await checkPassphrase({ target, listing, passphrase }, signal)
  const spool = Spool.scratch(job.tempFolder, run.clock)
  try {
    const index = openIndex(spool.path('plan.sqlite'), { scratch: true })
    try {
      index.begin()
      return await use({ dlist, listing, index, fetching: { target, spool, passphrase, progress, signal } })
    } finally {
      index.close()
    }
  } finally {
    spool.close()
  }
}
