// Which entries of one source are backed up. Each listing is judged once, when its scan asks which folders to go into,
// and the judgement waits with the listing until that is read. The source's root was named by somebody and is never
// left out. What is left out here is nobody's mistake: it is counted, and no gap.
import { nameToText } from '../../format/path-text.ts'
import type { FolderListing, SourceEntry } from '../../sources/source.ts'
import type { DecidingRule, SelectionRules, Verdict } from './selection-rules.ts'

export interface ListingChoice {
  /** Set when the folder itself is left out, with all in it. */
  readonly leftOut: Verdict | undefined
  /** One for each entry of the listing, in its order. */
  readonly verdicts: readonly Verdict[]
}

export class EntryChoice {
  readonly #rules: SelectionRules
  readonly #roots: readonly string[]
  readonly #filterVerdicts: readonly Verdict[]
  readonly #ignoreNames: readonly Buffer[]
  readonly #judged = new WeakMap<FolderListing, ListingChoice>()
  readonly #notEntered = new WeakSet<SourceEntry>()
  readonly #lackingSeparator = new Set<string>()

  /**
   * `roots`: the paths that the source's root is known by, in the backup and on its machine, without a separator at
   * the end; filters may speak of either.
   */
  constructor(rules: SelectionRules, roots: readonly string[]) {
    this.#rules = rules
    this.#roots = [...new Set(roots)].map((root) => (root === '/' ? root : `${root}/`))
    this.#filterVerdicts = rules.filters.filters.map((filter, at) => ({
      outcome: filter.kind === 'include' ? 'kept' : 'left-out',
      rule: { ...filter, number: at + 1 },
    }))
    this.#ignoreNames = rules.ignoreFilenames.map((name) => Buffer.from(name))
  }

  /** What a scan asks: whether to go into a folder that it found in a listing. */
  readonly enter = (_path: Buffer, entry: SourceEntry, listing: FolderListing): boolean => {
    return !this.of(listing).leftOut && !this.#notEntered.has(entry)
  }

  of(listing: FolderListing): ListingChoice {
    const known = this.#judged.get(listing)
    if (known) return known
    const choice = this.#judge(listing)
    this.#judged.set(listing, choice)
    return choice
  }

  /** What was surely not meant so, after the scan. */
  warnings(): string[] {
    return [...this.#lackingSeparator].map(
      (pattern) =>
        `the filter ${pattern} does not match the folder ${pattern}/: a folder is written with / at its end`,
    )
  }

  #judge(listing: FolderListing): ListingChoice {
    const isRoot = listing.path.length === 0
    if (!isRoot && listing.entries.some((entry) => this.#isIgnoreFile(entry))) {
      return { leftOut: byIgnoreFile, verdicts: listing.entries.map(() => byIgnoreFile) }
    }
    const below = isRoot ? '' : `${nameToText(listing.path)}/`
    const folders = this.#filterVerdicts.length === 0 ? [] : this.#roots.map((root) => root + below)
    const verdicts = listing.entries.map((entry) => this.#verdict(entry, folders))
    for (const [at, entry] of listing.entries.entries()) {
      if (entry.kind === 'folder' && verdicts[at]?.outcome === 'left-out') this.#notEntered.add(entry)
    }
    return { leftOut: undefined, verdicts }
  }

  #isIgnoreFile({ kind, name }: SourceEntry): boolean {
    if (kind !== 'file') return false
    // Lengths first: a call to compare bytes costs more than all else here.
    return this.#ignoreNames.some((ignored) => ignored.length === name.length && ignored.equals(name))
  }

  #verdict(entry: SourceEntry, folders: readonly string[]): Verdict {
    const { excludeFilesAttributes, excludeEmptyFolders, symlinkPolicy } = this.#rules
    if (excludeFilesAttributes.includes('Hidden') && entry.name[0] === dot) return byAttributes
    if (excludeFilesAttributes.includes('ReadOnly') && isReadOnly(entry)) return byAttributes
    const verdict = folders.length === 0 ? byNothing : this.#filterVerdict(entry, folders)
    if (verdict.outcome === 'left-out') return verdict
    if (entry.kind === 'link' && symlinkPolicy === 'Ignore') return byLinkPolicy
    if (entry.kind === 'file' && this.#isTooLarge(entry)) return bySize
    return entry.kind === 'folder' && excludeEmptyFolders ? ifNotEmpty : verdict
  }

  #filterVerdict(entry: SourceEntry, folders: readonly string[]): Verdict {
    const isFolder = entry.kind === 'folder'
    const name = nameToText(entry.name) + (isFolder ? '/' : '')
    const paths = folders.map((folder) => folder + name)
    if (isFolder) this.#noteLackingSeparator(paths)
    const at = this.#rules.filters.deciding(paths)
    const verdict = at === undefined ? undefined : this.#filterVerdicts[at]
    if (verdict) return verdict
    if (!this.#rules.filters.onlyIncludes) return byNothing
    return isFolder ? ifSomethingIncluded : notIncluded
  }

  #noteLackingSeparator(paths: readonly string[]): void {
    for (const path of paths) {
      const pattern = this.#rules.filters.lacksSeparator(path)
      if (pattern !== undefined) this.#lackingSeparator.add(pattern)
    }
  }

  #isTooLarge({ sizeBytes }: SourceEntry): boolean {
    const { skipFilesLargerThanBytes: limit } = this.#rules
    return limit !== undefined && sizeBytes > limit
  }
}

const dot = '.'.charCodeAt(0)

/** A link's own mode says nothing. */
function isReadOnly({ kind, mode }: SourceEntry): boolean {
  return kind !== 'link' && (mode & 0o222) === 0
}

// Shared by all entries that they are about: a tree of millions makes no verdicts.
const byNothing: Verdict = { outcome: 'kept', rule: 'none' }
const notIncluded = leftOutBy('no-include')
const ifSomethingIncluded: Verdict = { outcome: 'if-filled', rule: 'no-include' }
const ifNotEmpty: Verdict = { outcome: 'if-filled', rule: 'exclude-empty-folders' }
const byIgnoreFile = leftOutBy('ignore-filenames')
const byAttributes = leftOutBy('exclude-files-attributes')
const byLinkPolicy = leftOutBy('symlink-policy')
const bySize = leftOutBy('skip-files-larger-than')

function leftOutBy(rule: DecidingRule): Verdict {
  return { outcome: 'left-out', rule }
}
