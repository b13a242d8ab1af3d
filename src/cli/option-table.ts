// Every option of the command line, as data: help, parsing and docs/options.md are made from this table.

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
  | 'test'
  | 'repair'
  | 'list-broken-files'
  | 'affected'
  | 'compare'

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

const backup = ['backup'] as const
/** They choose entries of sources. */
const choosing = ['backup', 'restore', 'test-filters', 'compare'] as const
/** They connect to machines. */
const reading = choosing
const restore = ['restore'] as const
const spending = ['backup', 'delete', 'compact', 'purge'] as const
const thinning = ['backup', 'delete'] as const
const looking = ['restore', 'zip', 'dump', 'list', 'find', 'gaps', 'delete', 'pin', 'unpin', 'purge'] as const
const testing = ['backup', 'test'] as const

export const optionTable: readonly OptionRow[] = [
  {
    name: 'passphrase',
    kind: 'text',
    usual: 'none',
    meaning:
      'Secret that encrypts the backup; visible in the list of processes, so better PASSPHRASE or --passphrase-file.',
  },
  {
    name: 'passphrase-file',
    kind: 'text',
    usual: 'none',
    own: true,
    meaning: 'File whose first line is the passphrase.',
  },
  {
    name: 'no-encryption',
    kind: 'flag',
    usual: 'off',
    meaning: 'The backup is not encrypted; PASSPHRASE in the environment is then passed over.',
  },
  {
    name: 'prefix',
    kind: 'text',
    usual: 'duplicati',
    meaning: 'First part of the names of the files of the backup; without a hyphen.',
  },
  {
    name: 'dbpath',
    kind: 'text',
    usual: 'named after the destination',
    meaning: 'File of the index. Restore, list and find take the option and do not need the file.',
  },
  { name: 'tempdir', kind: 'text', usual: "the system's", meaning: 'Folder for files on their way.' },
  {
    name: 'dblock-size',
    aliases: ['remote-volume-size'],
    kind: 'size',
    usual: '50mb',
    meaning: 'Size of the files of the backup; at least 1mb.',
    commands: spending,
  },
  {
    name: 'blocksize',
    kind: 'size',
    usual: '1mb',
    meaning: 'Size of the blocks that files are cut into; fixed once the backup exists; at least 1kb.',
    commands: backup,
  },
  {
    name: 'zip-compression-level',
    kind: 'number',
    usual: '1',
    meaning: 'From 0 (none) to 9. A high level costs many times the time for a few percent.',
    commands: ['backup', 'zip'],
  },
  {
    name: 'exclude',
    kind: 'text',
    usual: 'none',
    repeats: true,
    meaning: 'Leave out what the filter matches. The first filter that matches decides: docs/filters.md.',
    commands: [...choosing, 'purge'],
  },
  {
    name: 'include',
    kind: 'text',
    usual: 'all',
    repeats: true,
    meaning: 'Keep what the filter matches; with no --exclude, nothing else. For purge: what goes.',
    commands: [...choosing, 'purge'],
  },
  {
    name: 'source',
    kind: 'text',
    usual: 'none',
    own: true,
    repeats: true,
    meaning: 'A source, as backup takes it, that the version is compared with. May be given several times.',
    commands: ['compare'],
  },
  {
    name: 'read-contents',
    kind: 'flag',
    usual: 'off',
    own: true,
    meaning:
      'Read every file of the source and compare its bytes; else files of the same time and length are the same.',
    commands: ['compare'],
  },
  {
    name: 'ignore-filenames',
    kind: 'text',
    usual: 'CACHEDIR.TAG',
    mayBeEmpty: true,
    meaning: 'Leave out folders that hold a file of one of these names, with : between them.',
    commands: choosing,
  },
  {
    name: 'skip-files-larger-than',
    kind: 'size',
    usual: 'no limit',
    meaning: 'Leave out larger files.',
    commands: choosing,
  },
  {
    name: 'exclude-files-attributes',
    kind: 'text',
    usual: 'none',
    meaning: 'Leave out what is Hidden (its name begins with a dot) or ReadOnly (nobody may write it).',
    commands: choosing,
  },
  {
    name: 'exclude-empty-folders',
    kind: 'flag',
    usual: 'off',
    meaning: 'Leave out folders in which nothing is kept.',
    commands: choosing,
  },
  {
    name: 'symlink-policy',
    kind: 'text',
    usual: 'Store',
    meaning: 'Store links as links, or Ignore them. They are never followed.',
    commands: choosing,
  },
  {
    name: 'hardlink-policy',
    kind: 'text',
    usual: 'All',
    meaning: 'All names of a file are backed up, its content once; there is no other way.',
    commands: choosing,
  },
  {
    name: 'upload-unchanged-backups',
    kind: 'flag',
    usual: 'off',
    meaning: 'Write a version even when nothing changed.',
    commands: backup,
  },
  {
    name: 'reread-days',
    kind: 'number',
    usual: '30',
    own: true,
    meaning: 'In so many days every unchanged file is read again, a few in each run; 0: never.',
    commands: backup,
  },
  {
    name: 'allow-removal',
    kind: 'flag',
    usual: 'off',
    own: true,
    meaning: 'Take a source as it is although it is empty or has lost more than half of its entries.',
    commands: backup,
  },
  {
    name: 'keep-versions',
    kind: 'number',
    usual: 'all',
    meaning: 'Keep so many of the newest full versions; 0: all.',
    commands: thinning,
  },
  {
    name: 'keep-time',
    kind: 'text',
    usual: 'for ever',
    meaning: 'Delete versions older than this: 90D, 6M, 2Y.',
    commands: thinning,
  },
  {
    name: 'retention-policy',
    kind: 'text',
    usual: 'none',
    meaning:
      'Thin old versions out: 1W:1D,4W:1W,12M:1M keeps a day each for a week, then weeks, then months.',
    commands: thinning,
  },
  {
    name: 'confirm-removal',
    kind: 'flag',
    usual: 'off',
    own: true,
    meaning: 'Yes to deleting more than half of all versions, or after a pause of 100 days.',
    commands: thinning,
  },
  {
    name: 'backup-test-samples',
    kind: 'number',
    usual: '1',
    meaning:
      'How many sets of one dlist, dindex and dblock are read to see whether they are whole. A backup without ' +
      'the option reads one when check-everything-in is behind.',
    commands: testing,
  },
  {
    name: 'backup-test-percentage',
    kind: 'number',
    usual: '0.1',
    meaning: 'The same as percent of the kind with most volumes; the larger of the two counts.',
    commands: testing,
  },
  {
    name: 'check-everything-in',
    kind: 'duration',
    usual: '30D',
    own: true,
    meaning: 'Within this time every volume is read once more, a few in each run; 0: only the samples.',
    commands: testing,
  },
  {
    name: 'full-remote-verification',
    kind: 'flag',
    usual: 'on',
    meaning: "Taken for Duplicati's sake: what is in a volume is always looked at.",
    commands: testing,
  },
  {
    name: 'full-block-verification',
    kind: 'flag',
    usual: 'on',
    meaning: "Taken for Duplicati's sake: of a dblock every block is looked at, not a fifth of them.",
    commands: testing,
  },
  {
    name: 'no-auto-compact',
    kind: 'flag',
    usual: 'off',
    meaning: 'Never compact without being asked.',
    commands: ['backup', 'delete'],
  },
  {
    name: 'auto-compact-interval',
    kind: 'duration',
    usual: '0m',
    meaning: 'The least time between two compactions that nobody asked for.',
    commands: ['backup', 'delete'],
  },
  {
    name: 'threshold',
    kind: 'number',
    usual: '25',
    meaning: 'Percent of waste from which a file of the backup is written anew.',
    commands: spending,
  },
  {
    name: 'small-file-size',
    kind: 'size',
    usual: 'a fifth of dblock-size',
    meaning: 'A file of the backup of at most this size is small.',
    commands: spending,
  },
  {
    name: 'small-file-max-count',
    kind: 'number',
    usual: '20',
    meaning: 'More small files than this are merged.',
    commands: spending,
  },
  {
    name: 'delete-after',
    kind: 'duration',
    usual: '24h',
    own: true,
    meaning: 'How long a file of the backup that is not needed any more stays; at least 10m.',
    commands: spending,
  },
  {
    name: 'dry-run',
    kind: 'flag',
    usual: 'off',
    meaning: 'Look and count; change nothing.',
    commands: ['backup', 'restore', 'delete', 'compact', 'purge', 'repair'],
  },
  {
    name: 'version',
    kind: 'versions',
    usual: 'the newest',
    meaning: 'Which version: 0 is the newest. list, find and gaps take several: 0,2-4.',
    commands: looking,
  },
  {
    name: 'time',
    kind: 'time',
    usual: 'now',
    meaning: 'The newest version that is not later: 2026-11-22T18:00, or how long ago: 3D.',
    commands: looking,
  },
  {
    name: 'restore-path',
    kind: 'text',
    usual: 'where it came from',
    meaning: 'Folder to restore into; or ssh://user@host/path, with --allow-restore-to-machine.',
    commands: restore,
  },
  {
    name: 'output',
    kind: 'text',
    usual: 'none',
    own: true,
    meaning: 'File to write the archive to, which must not be there yet; - is standard output.',
    commands: ['zip'],
  },
  {
    name: 'allow-restore-to-machine',
    kind: 'flag',
    usual: 'off',
    own: true,
    meaning: 'A restore path on another machine may be written to.',
    commands: restore,
  },
  {
    name: 'dont-compress-restore-paths',
    kind: 'flag',
    usual: 'off',
    meaning: 'Keep whole paths instead of cutting what all have in common.',
    commands: ['restore', 'zip'],
  },
  {
    name: 'overwrite',
    kind: 'flag',
    usual: 'off',
    meaning: 'Replace files that differ; else the restored file is put beside them.',
    commands: restore,
  },
  {
    name: 'restore-permissions',
    kind: 'flag',
    usual: 'off',
    meaning: 'Owner, group and mode as they were.',
    commands: restore,
  },
  {
    name: 'skip-metadata',
    kind: 'flag',
    usual: 'off',
    meaning: 'Leave out times and modes.',
    commands: restore,
  },
  {
    name: 'parameters-file',
    aliases: ['parameter-file', 'parameterfile'],
    kind: 'text',
    usual: 'none',
    meaning: 'File of more options, one a line; what is typed wins. +pattern and -pattern are filters.',
  },
  {
    name: 'number-of-retries',
    kind: 'number',
    usual: '5',
    address: true,
    meaning: 'How often a call to the destination that failed for a passing reason is tried again.',
  },
  {
    name: 'retry-delay',
    kind: 'duration',
    usual: '1s',
    address: true,
    meaning: 'The wait before the first of these tries; doubled before each next, up to a minute.',
  },
  {
    name: 'retry-with-exponential-backoff',
    kind: 'flag',
    usual: 'on',
    meaning: "Taken for Duplicati's sake: the waits always grow.",
  },
  { name: 'full-result', kind: 'flag', usual: 'off', meaning: 'List every gap and warning, however many.' },
  { name: 'quiet-console', kind: 'flag', usual: 'off', meaning: 'Print nothing but errors.' },
  {
    name: 'json',
    kind: 'flag',
    usual: 'off',
    own: true,
    meaning: 'Print one JSON object at the end and nothing else.',
  },
  { name: 'no-progress', kind: 'flag', usual: 'off', own: true, meaning: 'No progress line.' },
  {
    name: 'auth-username',
    kind: 'text',
    usual: 'the local user',
    address: true,
    meaning: 'User to log in as.',
    commands: reading,
  },
  {
    name: 'auth-password',
    kind: 'text',
    usual: 'none',
    address: true,
    meaning:
      'Password, or passphrase of the key; AUTH_PASSWORD in the environment keeps it out of the list of processes.',
    commands: reading,
  },
  {
    name: 'ssh-keyfile',
    kind: 'text',
    usual: 'agent, then ~/.ssh',
    address: true,
    meaning: 'Private key to log in with.',
    commands: reading,
  },
  {
    name: 'ssh-fingerprint',
    kind: 'text',
    usual: 'known_hosts',
    address: true,
    meaning: "The machine's key: SHA256:…, or Duplicati's form with MD5.",
    commands: reading,
  },
  {
    name: 'ssh-known-hosts',
    kind: 'text',
    usual: '~/.ssh/known_hosts',
    own: true,
    address: true,
    meaning: 'File of known machines.',
    commands: reading,
  },
  {
    name: 'ssh-relative-path',
    kind: 'flag',
    usual: 'off',
    address: true,
    meaning: 'The path begins at the login folder.',
    commands: reading,
  },
  {
    name: 'ssh-disable-agent',
    kind: 'flag',
    usual: 'off',
    address: true,
    meaning: 'Do not ask an SSH agent.',
    commands: reading,
  },
]

export function optionsOf(command: CommandName): OptionRow[] {
  return optionTable.filter((row) => !row.commands || row.commands.includes(command))
}
