// A version that was begun and not completed is taken back: its file list was never confirmed, or could not be read to
// its end.
import type { Index } from '../../index-db/open-index.ts'

export function takeBackUnfinished(index: Index): void {
  for (const version of index.versions.all()) {
    if (version.state === 'complete') continue
    index.entries.takeBack(version.id)
    index.gaps.drop(version.id)
    index.versions.remove(version.id)
  }
}
