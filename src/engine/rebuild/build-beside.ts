// Builds an index anew in a file beside the one that there is, which stays as it is until the new one is whole. What
// was taken in is committed on the way: a rebuild that is cut off is gone on with by the next one. One at a time.
import { rmSync } from 'node:fs'
import type { Clock } from '../../base/clock.ts'
import { openIndex, type Index } from '../../index-db/open-index.ts'
import type { Progress } from '../progress.ts'
import { fillIndex } from './fill-index.ts'
import type { Loading, LoadingWatch } from './load-dindex.ts'

/** A commit costs milliseconds; this is what is lost at most when a rebuild is cut off. */
const volumesInCommit = 64

/** What a rebuild fetched, and what an earlier one had. */
export class RebuildTally {
  readonly read = { dlist: 0, dindex: 0, dblock: 0 }
  readBytes = 0
  /** Volumes that a rebuild which was cut off had taken in; undefined before this one has begun. */
  goneOnFrom: number | undefined
}

/** `IndexInUse` while another rebuild is at it. One that cannot be believed is begun anew. */
export function openBeside(indexPath: string, clock: Clock): Index {
  const path = `${indexPath}.rebuilding`
  const onPutAside = (): void => rmSync(`${path}.unusable`, { force: true })
  return openIndex(path, { clock, onPutAside })
}

/** Takes in all that the listing has and the index has not. */
export async function buildIndex(loading: Loading, tally: RebuildTally): Promise<void> {
  const { index, fetching } = loading
  fetching.progress.phase = 'rebuilding the index'
  const watch = watching(index, { progress: fetching.progress, tally })
  const known = await fillIndex({ ...loading, watch })
  tally.goneOnFrom ??= known
  index.commit()
}

function watching(
  index: Index,
  { progress, tally }: { readonly progress: Progress; readonly tally: RebuildTally },
): LoadingWatch {
  let uncommitted = 0
  return {
    expected: (volumes) => {
      progress.volumesFound += volumes.length
      for (const { sizeBytes } of volumes) progress.volumeBytesFound += sizeBytes
    },
    taken: ({ parsed, sizeBytes }) => {
      progress.volumesDone += 1
      progress.volumeBytesDone += sizeBytes
      tally.read[parsed.kind] += 1
      tally.readBytes += sizeBytes
      uncommitted = (uncommitted + 1) % volumesInCommit
      // Which of two versions a run was cut off between is worth knowing at any time: a file list is long.
      if (uncommitted === 0 || parsed.kind === 'dlist') index.commit()
    },
  }
}
