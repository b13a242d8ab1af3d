// A last look at the end of a run: everything that the index counts on is listed by the destination with its size.
import { PullbackError } from '../../base/errors.ts'
import { isPresent } from '../../index-db/volume-table.ts'
import type { MatchedSet } from './open-set.ts'

/** `DestinationFailed` if anything is missing; what was sent in this run counts as verified from here on. */
export async function checkArrival({ set, run, index }: MatchedSet): Promise<void> {
  run.progress.phase = 'checking the result'
  const listed = new Map<string, number>()
  for await (const file of set.target.list(run.giveUp)) listed.set(file.name, file.sizeBytes)
  for (const row of index.volumes.all()) {
    if (!isPresent(row)) continue
    if (listed.get(row.name) !== row.sizeBytes) {
      throw new PullbackError('DestinationFailed', {
        what: `${row.name} was confirmed by ${set.target.label} and is not listed there as it was sent`,
        subject: row.name,
      })
    }
    if (row.state === 'uploaded') index.volumes.setState(row.id, 'verified')
  }
}
