// What a run has on this machine: the index with its lock, and the spool. An index that cannot be believed is put aside
// and a new one begun. A dry run leaves it where it is, and has one of its own that goes with its spool.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Clock } from '../../base/clock.ts'
import { isPullbackError, type PullbackError } from '../../base/errors.ts'
import { openIndex, type Index } from '../../index-db/open-index.ts'
import { Spool } from '../spool.ts'

interface Place {
  readonly indexPath: string
  readonly tempFolder: string
}

interface Opening {
  readonly clock: Clock
  /** Takes sentences for the report. */
  readonly warnings: string[]
}

export interface LocalFiles {
  readonly index: Index
  readonly spool: Spool
}

export function openLocalFiles({ indexPath, tempFolder }: Place, { clock, warnings }: Opening): LocalFiles {
  const onPutAside = (reason: PullbackError): void => void warnings.push(builtAgain(reason))
  const index = openIndex(indexPath, { clock, onPutAside })
  try {
    return { index, spool: Spool.named(tempFolder, spoolName(indexPath)) }
  } catch (error) {
    index.close()
    throw error
  }
}

export function openForDryRun({ indexPath, tempFolder }: Place, { clock, warnings }: Opening): LocalFiles {
  const spool = Spool.scratch(tempFolder, clock)
  const ownPath = spool.path('index.sqlite')
  try {
    return { index: openIndex(existsSync(indexPath) ? indexPath : ownPath, { clock }), spool }
  } catch (error) {
    if (isPullbackError(error, 'IndexUnusable')) {
      warnings.push(builtAgain(error))
      return { index: openIndex(ownPath, { clock }), spool }
    }
    spool.close()
    throw error
  }
}

function builtAgain({ what }: PullbackError): string {
  return `${what}; it is built again from the backup`
}

/** Named after the index, whose lock we hold: nobody else uses this spool, and what a dead run left in it is found. */
function spoolName(indexPath: string): string {
  return `pullback-${createHash('sha256').update(indexPath).digest('hex').slice(0, 16)}`
}
