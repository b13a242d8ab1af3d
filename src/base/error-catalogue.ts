// Every operating error that Pullback can report, in one place: a stable code, the kind that decides what the engine
// does with it, whether trying again can help, what it means for the data, and the next step. The page
// docs/errors.md is made from this table and a test compares the two.

/** What the engine does with an error. The five kinds are never mixed (docs/reliability.md). */
export type ErrorKind =
  /** One entry could not be stored: it is listed with its reason, the run goes on. */
  | 'source-entry'
  /** A whole source is out of reach: no version is made from it. */
  | 'source-gone'
  /** The destination refused or broke: never counted as a source error. */
  | 'destination'
  /** The local index cannot be trusted. */
  | 'index'
  /** Bytes are not what they must be: wrong key, wrong hash, wrong structure. */
  | 'integrity'
  /** Somebody asked to stop. */
  | 'cancelled'
  /** The command, its options or its files cannot be used as given. */
  | 'usage'

/** `no`: the same call fails again. `later`: it may pass by itself. `after-change`: somebody has to act first. */
export type Retry = 'no' | 'later' | 'after-change'

interface CatalogueEntry {
  readonly kind: ErrorKind
  readonly retry: Retry
  /** What it means for the data, one sentence. */
  readonly meaning: string
  /** What to do next, one sentence. */
  readonly advice: string
}

const untouched = 'Nothing was read or written.'
const earlierSafe = 'Earlier versions are untouched.'
const noVersion = 'No new version was written; earlier versions are untouched.'

export const errorCatalogue = {
  // usage
  BadArguments: {
    kind: 'usage',
    retry: 'after-change',
    meaning: untouched,
    advice: 'Run `pullback help` for the commands and their arguments.',
  },
  BadOption: {
    kind: 'usage',
    retry: 'after-change',
    meaning: untouched,
    advice: 'Run `pullback help <command>` for the options and the values they take.',
  },
  PassphraseMissing: {
    kind: 'usage',
    retry: 'after-change',
    meaning: untouched,
    advice: 'Give --passphrase-file=FILE, set PASSPHRASE, or say --no-encryption.',
  },
  PassphraseUnwanted: {
    kind: 'usage',
    retry: 'after-change',
    meaning: untouched,
    advice: 'Leave out either the passphrase or --no-encryption; an existing backup keeps the way it began.',
  },
  OptionFixed: {
    kind: 'usage',
    retry: 'after-change',
    meaning: untouched,
    advice: 'Leave the option out, or start a new backup in another folder.',
  },
  TargetFolderUnusable: {
    kind: 'usage',
    retry: 'after-change',
    meaning: 'Nothing was restored.',
    advice: 'Name another folder with --restore-path.',
  },
  VersionMissing: {
    kind: 'usage',
    retry: 'after-change',
    meaning: untouched,
    advice: 'Run `pullback list <target>` to see the versions there are.',
  },
  LastFullVersion: {
    kind: 'usage',
    retry: 'after-change',
    meaning: 'Nothing was deleted.',
    advice: 'Make a new full version first; to be rid of the whole backup, delete its folder and its index.',
  },
  VersionPinned: {
    kind: 'usage',
    retry: 'after-change',
    meaning: 'Nothing was deleted.',
    advice: 'Run `pullback unpin <target> --version=N` first, if the version may go.',
  },
  RemovalRefused: {
    kind: 'usage',
    retry: 'after-change',
    meaning: 'Nothing was deleted.',
    advice: 'Look at what would go with `pullback delete <target> --dry-run`, then add --confirm-removal.',
  },
  NothingMatches: {
    kind: 'usage',
    retry: 'after-change',
    meaning: 'Nothing was restored.',
    advice: 'Run `pullback find <target> <pattern>` to see what matches, and in which version.',
  },

  OutputUnusable: {
    kind: 'usage',
    retry: 'after-change',
    meaning: 'Nothing was written.',
    advice: 'Name another file with --output.',
  },

  // one entry of a source
  EntryUnreadable: {
    kind: 'source-entry',
    retry: 'after-change',
    meaning: 'It is not in this version.',
    advice: 'Let the login read it, or leave it out.',
  },
  EntryVanished: {
    kind: 'source-entry',
    retry: 'later',
    meaning: 'It was gone before it could be read and is not in this version.',
    advice: 'Nothing, if the file is short-lived; else run again.',
  },
  EntryChanging: {
    kind: 'source-entry',
    retry: 'later',
    meaning: 'It was stored as it was read, and may mix two states.',
    advice: 'Run again when the file is at rest, or back up a dump or a snapshot of it.',
  },
  EntryNameUnusable: {
    kind: 'source-entry',
    retry: 'after-change',
    meaning: 'It is not in this version.',
    advice: 'Rename it on the machine; a name must not be empty, `.` or `..`, or hold `/` or a zero byte.',
  },
  EntrySpecial: {
    kind: 'source-entry',
    retry: 'no',
    meaning: 'Sockets, pipes and devices hold no bytes to store.',
    advice: 'Nothing to do.',
  },
  FolderUnreadable: {
    kind: 'source-entry',
    retry: 'after-change',
    meaning: 'What lies below it is not in this version.',
    advice: 'Let the login read the folder, or leave it out.',
  },

  FolderNotListed: {
    kind: 'source-entry',
    retry: 'later',
    meaning: 'What the last version has below it was carried over as it was; the version is marked partial.',
    advice: 'Run again; if it stays, look at the disk of the machine.',
  },

  // a whole source
  SourceMissing: {
    kind: 'source-gone',
    retry: 'after-change',
    meaning: noVersion,
    advice: 'Check the path, and that the disk it lies on is mounted.',
  },
  SourceShrunk: {
    kind: 'source-gone',
    retry: 'after-change',
    meaning: noVersion,
    advice:
      'Check that the disk is mounted and the files are there; if they were meant to go, say --allow-removal.',
  },
  SourceUnreadable: {
    kind: 'source-gone',
    retry: 'after-change',
    meaning: noVersion,
    advice: 'Let the login read the folder.',
  },
  HostUnreachable: {
    kind: 'source-gone',
    retry: 'later',
    meaning: noVersion,
    advice: 'Check that the machine is on, its address and port, and the firewall between.',
  },
  HostSilent: {
    kind: 'source-gone',
    retry: 'later',
    meaning: noVersion,
    advice: 'Check the machine and the network between; a firewall that drops packets looks like this.',
  },
  HostKeyUnknown: {
    kind: 'source-gone',
    retry: 'after-change',
    meaning: 'No credential was sent. ' + noVersion,
    advice:
      'Compare the fingerprint with the machine itself, then add it to known_hosts or give ssh-fingerprint.',
  },
  HostKeyChanged: {
    kind: 'source-gone',
    retry: 'after-change',
    meaning: 'No credential was sent. ' + noVersion,
    advice: 'If the machine was reinstalled, replace the known key; if not, somebody may be in between.',
  },
  LoginRefused: {
    kind: 'source-gone',
    retry: 'after-change',
    meaning: noVersion,
    advice: 'Check the user name, and that the public key is in authorized_keys on the machine.',
  },
  LoginKeyUnusable: {
    kind: 'source-gone',
    retry: 'after-change',
    meaning: noVersion,
    advice: 'Check the file named by ssh-keyfile and its passphrase (auth-password).',
  },
  NoCommonAlgorithm: {
    kind: 'source-gone',
    retry: 'after-change',
    meaning: noVersion,
    advice: 'Update the SSH server: it offers no algorithm that is still safe to use.',
  },
  SftpUnavailable: {
    kind: 'source-gone',
    retry: 'after-change',
    meaning: noVersion,
    advice: 'Enable the sftp subsystem in sshd_config on the machine.',
  },
  SftpViolation: {
    kind: 'source-gone',
    retry: 'no',
    meaning: noVersion,
    advice: 'The server does not speak SFTP version 3 as it must; update it.',
  },
  ConnectionLost: {
    kind: 'source-gone',
    retry: 'later',
    meaning: noVersion,
    advice: 'Run again: what was stored already is not sent twice.',
  },
  RequestTimeout: {
    kind: 'source-gone',
    retry: 'later',
    meaning: noVersion,
    advice: 'Run again; if it stays, look at the load and the disks of the machine.',
  },

  // destination
  DestinationMissing: {
    kind: 'destination',
    retry: 'after-change',
    meaning: noVersion,
    advice: 'Check the path and that its disk is mounted; create the folder if it is new.',
  },
  DestinationPermission: {
    kind: 'destination',
    retry: 'after-change',
    meaning: earlierSafe,
    advice: 'Let the user that runs Pullback read and write the folder.',
  },
  DestinationFull: {
    kind: 'destination',
    retry: 'after-change',
    meaning: noVersion,
    advice:
      'Free some space or enlarge the destination, then run again: what was stored already is not sent twice.',
  },
  DestinationNameTaken: {
    kind: 'destination',
    retry: 'no',
    meaning: 'The existing file was left as it is.',
    advice: 'Run again: a new name is drawn each time.',
  },
  DestinationNameUnusable: {
    kind: 'destination',
    retry: 'no',
    meaning: untouched,
    advice:
      'If the name came out of the backup itself, that file of the backup was damaged or tampered with.',
  },
  DestinationFileMissing: {
    kind: 'destination',
    retry: 'no',
    meaning: 'What only this file holds cannot be restored.',
    advice: 'Look for the file in other copies of the backup folder.',
  },
  DestinationFailed: {
    kind: 'destination',
    retry: 'later',
    meaning: earlierSafe,
    advice: 'Look at the cause; run again.',
  },
  DestinationEmpty: {
    kind: 'destination',
    retry: 'after-change',
    meaning: untouched,
    advice: 'Check the folder and the prefix: no backup was found there.',
  },
  DestinationEmptied: {
    kind: 'destination',
    retry: 'after-change',
    meaning: 'Nothing was written.',
    advice:
      'Check that its disk is mounted. ' +
      'If the backup was removed on purpose, delete the index file too: the next run then begins anew.',
  },

  // integrity
  PassphraseWrong: {
    kind: 'integrity',
    retry: 'after-change',
    meaning: 'Nothing was decrypted and nothing was written.',
    advice: 'Give the passphrase that this backup was made with.',
  },
  VolumeDamaged: {
    kind: 'integrity',
    retry: 'no',
    meaning: 'What only this file of the backup holds cannot be restored; all else can.',
    advice: 'Put a good copy of the file in its place, if there is one.',
  },
  BlockDamaged: {
    kind: 'integrity',
    retry: 'no',
    meaning: 'The files that need this block cannot be restored; all others can.',
    advice: 'Put a good copy of the volume in its place, if there is one.',
  },
  BlockMissing: {
    kind: 'integrity',
    retry: 'no',
    meaning: 'The files that need this block cannot be restored; all others can.',
    advice: 'Look for missing files of the backup folder.',
  },
  FileDamaged: {
    kind: 'integrity',
    retry: 'no',
    meaning: 'The file was not given its name; other files are not affected.',
    advice: 'Try an earlier version of the file.',
  },
  FormatUnsupported: {
    kind: 'integrity',
    retry: 'no',
    meaning: 'Nothing was changed.',
    advice: 'Use the program that wrote this backup.',
  },
  WriteCheckFailed: {
    kind: 'integrity',
    retry: 'later',
    meaning: noVersion,
    advice:
      'A volume did not read back as it was written: suspect memory or disk of this machine if it repeats.',
  },

  PathUnsafe: {
    kind: 'integrity',
    retry: 'no',
    meaning: 'The entry was not restored; all others are.',
    advice: 'Look at who wrote this backup: a path like this one is not made by accident.',
  },
  RestoreTargetFull: {
    kind: 'destination',
    retry: 'after-change',
    meaning: 'The files that were restored before are whole; nothing half written has a name.',
    advice: 'Make room, then restore again: what is there already is not written twice.',
  },
  OutputFailed: {
    kind: 'destination',
    retry: 'after-change',
    meaning: 'What was written is not whole; the backup is not touched.',
    advice: 'See to it that there is room and that the reader reads to the end, then run again.',
  },
  RestoreTargetFailed: {
    kind: 'source-entry',
    retry: 'after-change',
    meaning: 'The entry was not restored; what was there before is as it was.',
    advice: 'Make room or give permission, then restore again: what is there already is not fetched twice.',
  },

  BlocksMissing: {
    kind: 'integrity',
    retry: 'after-change',
    meaning: 'Some files of some versions cannot be restored; nothing was deleted.',
    advice: 'Back up again: what is still at the source is stored anew. Nothing is given back until then.',
  },
  FileListUnknown: {
    kind: 'integrity',
    retry: 'after-change',
    meaning: 'What its version needs is not known, so nothing was deleted.',
    advice:
      'Write it again with `pullback repair <target>`; when nobody needs the file any more, delete it by hand.',
  },
  DestinationChanged: {
    kind: 'destination',
    retry: 'later',
    meaning: 'Nothing more was deleted.',
    advice: 'Make sure that nobody else writes to this backup, then run again: the index is matched first.',
  },

  // index, and the machine Pullback runs on
  IndexUnusable: {
    kind: 'index',
    retry: 'after-change',
    meaning: 'The backup itself is not touched.',
    advice:
      'Check disk and permissions where the index lies; if it stays, delete the index file: it ' +
      'is rebuilt from the backup.',
  },
  IndexFull: {
    kind: 'index',
    retry: 'after-change',
    meaning: 'No new version was written; the backup itself is not touched.',
    advice:
      'Free some space on the disk that it lies on, then run again: what was stored already is not sent twice.',
  },
  IndexNewer: {
    kind: 'index',
    retry: 'after-change',
    meaning: untouched,
    advice: 'Use the newer Pullback that wrote this index, or name another --dbpath.',
  },
  IndexForeign: {
    kind: 'usage',
    retry: 'after-change',
    meaning: untouched,
    advice: 'Name another file with --dbpath; a local database of Duplicati cannot be used.',
  },
  IndexInUse: { kind: 'index', retry: 'later', meaning: untouched, advice: 'Wait until the other run ends.' },
  SpoolFull: {
    kind: 'index',
    retry: 'after-change',
    meaning: noVersion,
    advice: 'Free space where temporary files go, or name another place with --tempdir.',
  },
  LocalDiskFailed: {
    kind: 'index',
    retry: 'after-change',
    meaning: earlierSafe,
    advice: 'Check the disk and the permissions of the path named.',
  },

  // the rest
  Cancelled: {
    kind: 'cancelled',
    retry: 'later',
    meaning: earlierSafe,
    advice: 'Run again: what was stored already is not sent twice.',
  },
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof errorCatalogue
