// What is known of an option of the command line, and the names of the commands.

export type CommandName =
  | 'compact'
  | 'backup'
  | 'restore'
  | 'zip'
  | 'dump'
  | 'list'
  | 'find'
  | 'gaps'
  | 'test-filters'
  | 'delete'
  | 'pin'
  | 'unpin'
  | 'purge'
  | 'purge-broken-files'
  | 'test'
  | 'repair'
  | 'rebuild'
  | 'list-broken-files'
  | 'affected'
  | 'compare'
  | 'drill'

export type OptionKind = 'flag' | 'text' | 'size' | 'number' | 'versions' | 'time' | 'duration'

export interface OptionRow {
  readonly name: string
  /** Other names that Duplicati knows it by. */
  readonly aliases?: readonly string[]
  readonly kind: OptionKind
  readonly meaning: string
  readonly usual: string
  /** Left out: all of them. */
  readonly commands?: readonly CommandName[]
  /** Where the option is not Duplicati's. */
  readonly own?: true
  /** Belongs to addresses: may stand behind `?` in one, too. */
  readonly address?: true
  /** Given several times, each one counts, in order; of other options the last. */
  readonly repeats?: true
  /** `--name=` is a value too. */
  readonly mayBeEmpty?: true
}
