// Which version a person means: by number, 0 being the newest, or the newest at or before a time.
import { PullbackError } from '../../base/errors.ts'
import type { ListedDlist, VolumeListing } from '../volumes/list-volumes.ts'

export type VersionChoice = { readonly number: number } | { readonly atMs: number }

export function chooseVersion(listing: VolumeListing, choice: VersionChoice): ListedDlist {
  const newestFirst = listing.dlists.toReversed()
  const found =
    'number' in choice ? newestFirst[choice.number] : newestFirst.find((dlist) => dlist.timeMs <= choice.atMs)
  if (found) return found
  const there =
    newestFirst.length === 1 ? 'there is one version, 0' : `there are versions 0 to ${newestFirst.length - 1}`
  const oldest = newestFirst.at(-1)
  const what =
    'number' in choice
      ? `version ${choice.number} does not exist: ${there}`
      : `no version is that old: the oldest is of ${new Date(oldest?.timeMs ?? 0).toISOString()}`
  throw new PullbackError('VersionMissing', { what })
}
