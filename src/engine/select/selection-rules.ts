// What people may say about which entries of the sources are backed up: Duplicati's options, with its values.
import { filterList, type Filter, type FilterList } from './filter-list.ts'

export interface SelectionOptions {
  /** In the order given: the first that matches decides. */
  readonly filters: readonly Filter[]
  /** A folder that holds a file of one of these names is left out with all in it. */
  readonly ignoreFilenames: readonly string[]
  readonly excludeFilesAttributes: readonly FileAttribute[]
  readonly symlinkPolicy: 'Store' | 'Ignore'
  readonly skipFilesLargerThanBytes: number | undefined
  /** Leaves out folders in which nothing is kept. */
  readonly excludeEmptyFolders: boolean
}

/** On Linux, as .NET tells them: a name that begins with a dot; a mode that lets nobody write. */
export type FileAttribute = 'Hidden' | 'ReadOnly'

/** The same, with its filters read and found good. */
export interface SelectionRules extends Omit<SelectionOptions, 'filters'> {
  readonly filters: FilterList
}

/** `BadArguments` for a filter that cannot be read. */
export function selectionRules(options: SelectionOptions): SelectionRules {
  return { ...options, filters: filterList(options.filters) }
}

/** What holds unless somebody says otherwise. */
export const usualSelection: SelectionOptions = {
  filters: [],
  ignoreFilenames: ['CACHEDIR.TAG'],
  excludeFilesAttributes: [],
  symlinkPolicy: 'Store',
  skipFilesLargerThanBytes: undefined,
  excludeEmptyFolders: false,
}

/** The rule that decided on an entry. */
export type DecidingRule =
  | 'none'
  | 'no-include'
  | 'ignore-filenames'
  | 'exclude-files-attributes'
  | 'symlink-policy'
  | 'skip-files-larger-than'
  | 'exclude-empty-folders'
  | FilterRule

export interface FilterRule extends Filter {
  /** Its place among the filters, from 1. */
  readonly number: number
}

export interface Verdict {
  /** `if-filled`: a folder that is gone through, and kept when something in it is. */
  readonly outcome: 'kept' | 'left-out' | 'if-filled'
  readonly rule: DecidingRule
}
