// What a backup run counts as it goes, and the list of what it could not store.
import type { PullbackError } from '../../base/errors.ts'
import type { BackupReport, Gap, LostSource } from './backup-job.ts'

/** Listed one by one up to here; a dead disk can make a gap of every file. All of them are counted. */
const maxListed = 10_000

/** How one version follows the other, in entries, the roots of sources left out. */
export interface Balance {
  /** In the last version, and there now. */
  readonly stayed: number
  /** In the last version, and not there now, or not to be read. */
  readonly gone: number
  readonly appeared: number
}

type OfOthers =
  | 'version'
  | 'retention'
  | 'space'
  | 'samples'
  | 'dryRun'
  | 'indexRebuilt'
  | 'finishedMs'
  | 'uploadedFiles'
  | 'uploadedBytes'
  | 'warnings'
type Counted = Omit<BackupReport, OfOthers>

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
  /** Somebody asked to end, and what was stored by then becomes a partial version. */
  stopped = false
  stayed = 0
  gone = 0
  appeared = 0
  gapCount = 0
  specialCount = 0
  readonly gaps: Gap[] = []
  readonly specials: Gap[] = []
  readonly lostSources: LostSource[] = []
  /** Files whose content was another although neither their time nor their length had changed. */
  silentChanges = 0
  firstSilentChange = ''

  addGap(path: string, error: PullbackError): void {
    this.gapCount += 1
    if (this.gaps.length < maxListed) this.gaps.push({ path, error })
  }

  addSpecial(path: string, error: PullbackError): void {
    this.specialCount += 1
    if (this.specials.length < maxListed) this.specials.push({ path, error })
  }

  /** What of it goes into the report. */
  report(): Counted {
    const { files, folders, links, sourceBytes, filesAdded, filesChanged, entriesRemoved, leftOut } = this
    const { filesRead, bytesRead, newBlocks, newBlockBytes, stopped } = this
    const { gaps, gapCount, specials, specialCount, lostSources } = this
    const changes = {
      filesAdded,
      filesChanged,
      entriesRemoved,
      filesRead,
      bytesRead,
      newBlocks,
      newBlockBytes,
    }
    const missed = { gaps, gapCount, specials, specialCount, leftOut, lostSources }
    return { entries: { files, folders, links }, sourceBytes, stopped, ...changes, ...missed }
  }

  /** As it stands now; the difference of two is that of what happened between them. */
  balance(): Balance {
    const { stayed, gone, appeared } = this
    return { stayed, gone, appeared }
  }
}
