import { describe, expect, it } from 'vitest'
import { PullbackError } from '../base/errors.ts'
import { outcomeOfBackup, outcomeOfError, outcomeOfList, outcomeOfRestore, outcomes } from './exit-code.ts'
import { backupReport, restoreReport } from '../../tests/support/reports.ts'

const error = new PullbackError('EntryUnreadable', { what: 'no' })
const gap = { path: '/x', error }
const lost = { label: '/y', error }
const version = { timeMs: 0, dlistName: 'x', isFull: true }

describe('exit codes', () => {
  it('are those of Duplicati', () => {
    expect(Object.values(outcomes).map(({ exitCode }) => exitCode)).toEqual([0, 1, 2, 3, 50, 100, 200])
  })

  it('of a backup tell the gravest news', () => {
    const partial = { ...version, isFull: false }
    const cases = [
      [{ version }, 'success'],
      [{}, 'nothingUploaded'],
      [{ dryRun: true }, 'success'],
      [{ version, gaps: [gap] }, 'warnings'],
      [{ gaps: [gap] }, 'warnings'],
      [{ version, warnings: ['w'] }, 'warnings'],
      [{ version, specials: [gap] }, 'success'],
      [{ version: partial, gaps: [gap] }, 'partial'],
      [{ version: partial, lostSources: [lost] }, 'errors'],
    ] as const
    for (const [values, outcome] of cases) expect(outcomeOfBackup(backupReport(values))).toBe(outcome)
  })

  it('of a restore tell warnings from what is missing', () => {
    expect(outcomeOfRestore(restoreReport({}))).toBe('success')
    expect(outcomeOfRestore(restoreReport({ warnings: ['w'] }))).toBe('warnings')
    expect(outcomeOfRestore(restoreReport({ warnings: ['w'], failed: [gap] }))).toBe('errors')
  })

  it('of a list tell that a version cannot be read', () => {
    expect(outcomeOfList([])).toBe('success')
    expect(outcomeOfList([{ number: 0, timeMs: 0, contents: error }])).toBe('warnings')
  })

  it('tell a wrong command line from one that asks for what is not there', () => {
    const outcome = (code: PullbackError['code']): string =>
      outcomeOfError(new PullbackError(code, { what: 'x' }))
    for (const code of ['BadArguments', 'BadOption', 'PassphraseMissing', 'OptionFixed'] as const) {
      expect(outcome(code)).toBe('wrongArguments')
    }
    for (const code of ['VersionMissing', 'NothingMatches', 'Cancelled', 'DestinationFull'] as const) {
      expect(outcome(code)).toBe('failed')
    }
  })
})
