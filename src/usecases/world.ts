// What every use case is given from outside: how addresses become sources and destinations, and the things that tests
// replace. The floor above decides; nothing in here reads the environment.
import type { BackupSource } from '../engine/backup/backup-job.ts'
import type { RunContext } from '../engine/run-context.ts'
import type { Progress } from '../engine/progress.ts'
import type { Receiver } from '../receivers/receiver.ts'
import type { Target } from '../targets/target.ts'

/** Options of addresses, by Duplicati's names without the dashes; what an address itself says wins. */
export type AddressOptions = ReadonlyMap<string, string>

export interface Adapters {
  /**
   * A destination from its URL; `BadArguments` or `BadOption` if that cannot be used. Nothing is opened yet.
   * Calls that fail for a passing reason are tried again; `progress` then shows that somebody waits.
   */
  readonly target: (url: string, options: AddressOptions, progress?: Progress) => Target
  /** A source from a folder, an address, or `@/mount/path|address`; likewise. */
  readonly source: (text: string, options: AddressOptions) => BackupSource
  /** The other machine that a restore path means; undefined for a folder of this one. Likewise. */
  readonly receiver: (text: string, options: AddressOptions) => Receiver | undefined
}

export interface World extends RunContext {
  readonly adapters: Adapters
  /** Where temporary files go unless a request says otherwise. */
  readonly tempFolder: string
  /** Folder of the indexes. */
  readonly indexFolder: string
  readonly appVersion: string
}

/** What all requests name: the destination, and how its files are called and encrypted. */
export interface BackupPlace {
  readonly targetUrl: string
  readonly addressOptions: AddressOptions
  /** Undefined: not encrypted. */
  readonly passphrase: string | undefined
  readonly prefix: string
  readonly tempFolder: string | undefined
}
