// Gone is not deleted: a disk that is not mounted, a folder that was emptied by mistake and a login that lost its
// rights all look like a source with less in it. When most of a source is gone, no version is made from it until a
// person says that this is meant.
import { PullbackError } from '../../base/errors.ts'
import type { Balance } from './tally.ts'

/** Fewer may go at once without a question: a folder of a few files changes by half every day. */
const fewEntries = 10

/**
 * `SourceShrunk` when a source that held something holds nothing now, or less than half as many entries as in the last
 * version. Renamed and replaced entries are no loss: it is the number that counts.
 */
export function refuseShrunk(label: string, before: Balance, after: Balance): void {
  const stayed = after.stayed - before.stayed
  const gone = after.gone - before.gone
  const now = stayed + after.appeared - before.appeared
  const had = stayed + gone
  if (gone === 0 || (now > 0 && (gone < fewEntries || now * 2 >= had))) return
  const what =
    now === 0
      ? `${label} is empty, and the last version holds ${had} entries of it`
      : `${label} has ${now} entries left of the ${had} that the last version holds`
  throw new PullbackError('SourceShrunk', { what, subject: label })
}

/** The same for sources whose paths are others now: no file is in any, and what the last version holds would all go. */
export function sourcesEmptied(labels: readonly string[]): PullbackError {
  const label = labels.join(', ')
  const what = `there is no file in ${label}, and all that the last version holds lies under other paths`
  return new PullbackError('SourceShrunk', { what, subject: label })
}
