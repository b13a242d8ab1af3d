// What a refused removal says: the reason with its numbers, and what a person can do about it.
import { PullbackError } from '../../base/errors.ts'
import type { RemovalRefusal } from './removal-guards.ts'

export function removalError(refusal: RemovalRefusal): PullbackError {
  switch (refusal.guard) {
    case 'last-full': {
      const what = `without the version of ${dateOf(refusal.timeMs)} no full version would be left`
      return new PullbackError('LastFullVersion', { what })
    }
    case 'pinned':
      return new PullbackError('VersionPinned', {
        what: `the version of ${dateOf(refusal.timeMs)} is pinned`,
      })
    case 'clock-behind':
      return refused(
        `the clock says ${dateOf(refusal.nowMs)}, and the newest version is of ${dateOf(refusal.newestMs)}`,
        'Set the clock of this machine right. If the version is what is wrong, say so with --confirm-removal.',
      )
    case 'clock-ahead':
      return refused(
        `the clock says ${dateOf(refusal.nowMs)}, long after the newest version of ${dateOf(refusal.newestMs)}`,
        'If the clock is right, say so with --confirm-removal.',
      )
    case 'index-rebuilt':
      return refused('the index was built again in this run', 'Run again: the next run may delete.')
    case 'foreign-volumes':
      return refused(
        'another program wrote to the backup during this run',
        'Let one program at a time work on a backup, then run again.',
      )
    default:
      return refused(`${refusal.deleted} of ${refusal.of} versions would be deleted, more than half`)
  }
}

function refused(what: string, advice?: string): PullbackError {
  return new PullbackError('RemovalRefused', { what, ...(advice === undefined ? {} : { advice }) })
}

function dateOf(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
