// What a backup run counts as it goes, and the list of what it could not store.
import type { Gap, LostSource } from './backup-job.ts'

export class Tally {
  files = 0
  folders = 0
  links = 0
  sourceBytes = 0
  filesAdded = 0
  filesChanged = 0
  entriesRemoved = 0
  filesRead = 0
  bytesRead = 0
  newBlocks = 0
  newBlockBytes = 0
  /** Something of the last version was carried over because it could not be looked at now. */
  carriedOver = false
  readonly leftOut = { files: 0, folders: 0, links: 0 }
  readonly specials: Gap[] = []
  readonly gaps: Gap[] = []
  readonly lostSources: LostSource[] = []
}
