// Goes through one source as a backup would, and tells of each entry whether it would be kept and which rule decides.
// Nothing is read but listings, and nothing is kept in memory but what the scan has still to list. A folder is told
// when it is decided: by its own listing, or by what is found in it.
import { nameToText } from '../../format/path-text.ts'
import type { EntryKind, FolderListing, SourceEntry } from '../../sources/source.ts'
import type { BackupSource, Gap } from '../backup/backup-job.ts'
import { isStorable } from '../backup/entry-facts.ts'
import { EntryChoice } from './entry-choice.ts'
import type { DecidingRule, SelectionRules } from './selection-rules.ts'
import { WaitingFolders, type WaitingFolder } from './waiting-folders.ts'

export interface JudgedEntry {
  /** In the backup; folders with their trailing separator. */
  readonly path: string
  readonly kind: EntryKind
  readonly sizeBytes: number
  readonly isKept: boolean
  /** `source`: named by somebody. `special`: holds no bytes. `filled`: a folder kept for what is in it. */
  readonly rule: DecidingRule | 'source' | 'special' | 'filled'
}

export interface Judging {
  readonly rules: SelectionRules
  readonly signal: AbortSignal
  readonly tell: (entry: JudgedEntry) => void
  /** What could not be looked at. */
  readonly tellGap: (gap: Gap) => void
}

/** Returns warnings, as sentences. Fails with a `source-gone` error. Closing the source is left to the caller. */
export async function judgeSource(backedUp: BackupSource, judging: Judging): Promise<string[]> {
  const { source, mountPath, machinePath = mountPath } = backedUp
  const { rules, signal, tell } = judging
  const { entry: root } = await source.open(signal)
  const rootText = root.kind === 'folder' && mountPath !== '/' ? `${mountPath}/` : mountPath
  tell({ path: rootText, kind: root.kind, sizeBytes: root.sizeBytes, isKept: true, rule: 'source' })
  const choice = new EntryChoice(rules, [mountPath, machinePath])
  const judge = new ListingJudge(rootText, judging)
  for await (const listing of source.scan({ signal, enter: choice.enter })) judge.judge(listing, choice)
  return choice.warnings()
}

class ListingJudge {
  readonly #rootText: string
  readonly #judging: Judging
  readonly #folders = new WaitingFolders<SourceEntry>()

  constructor(rootText: string, judging: Judging) {
    this.#rootText = rootText
    this.#judging = judging
  }

  judge(listing: FolderListing, choice: EntryChoice): void {
    const chosen = choice.of(listing)
    const { kept, leftOut } = this.#folders.settle(listing, chosen)
    for (const folder of kept) this.#tell(folder)
    for (const folder of leftOut) this.#tell(folder)
    if (chosen.leftOut) return
    const { tellGap } = this.#judging
    if (listing.error) tellGap({ path: `${this.#pathText(listing.path)}/`, error: listing.error })
    for (const { path, error } of listing.problems) tellGap({ path: this.#pathText(path), error })
    const below = listing.path.length === 0 ? listing.path : Buffer.concat([listing.path, Buffer.from('/')])
    for (const [at, about] of listing.entries.entries()) {
      const verdict = chosen.verdicts[at]
      if (!verdict) continue
      const found = { path: Buffer.concat([below, about.name]), verdict, about }
      const isEntered = about.kind === 'folder' && verdict.outcome !== 'left-out'
      if (isEntered) this.#folders.add(found)
      else this.#tell(found)
    }
  }

  #tell({ path, verdict, about }: WaitingFolder<SourceEntry>): void {
    const { kind, sizeBytes } = about
    const isSpecial = !isStorable(about) && verdict.outcome === 'kept'
    const rule = isSpecial ? 'special' : verdict.outcome === 'if-filled' ? 'filled' : verdict.rule
    const pathText = this.#pathText(path) + (kind === 'folder' ? '/' : '')
    const isKept = verdict.outcome !== 'left-out' && !isSpecial
    this.#judging.tell({ path: pathText, kind, sizeBytes, isKept, rule })
  }

  #pathText(path: Buffer): string {
    return this.#rootText + nameToText(path)
  }
}
