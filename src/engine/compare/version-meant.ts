// The version of an index that a person means.
import { PullbackError } from '../../base/errors.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { VersionRow } from '../../index-db/version-table.ts'
import type { VersionChoice } from '../restore/choose-version.ts'

/** `VersionMissing` if there is none. */
export function versionMeant(index: Index, choice: VersionChoice): VersionRow {
  const versions = index.versions.all().filter(({ state }) => state === 'complete')
  const found =
    'number' in choice
      ? versions.at(-1 - choice.number)
      : versions.findLast(({ timeMs }) => timeMs <= choice.atMs)
  if (found) return found
  const what = 'number' in choice ? `version ${choice.number} does not exist` : 'no version is that old'
  throw new PullbackError('VersionMissing', { what: `${what}: there are ${versions.length}` })
}
