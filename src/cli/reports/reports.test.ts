import { describe, expect, it } from 'vitest'
import { PullbackError } from '../../base/errors.ts'
import { jsonText } from '../report-json.ts'
import { backupErrors, backupText } from './backup-text.ts'
import { gapsText, versionsText } from './browse-text.ts'
import { restoreText } from './restore-text.ts'
import { backupReport, restoreReport } from '../../../tests/support/reports.ts'

const brief = { elapsedMs: 1200, full: false }
const unreadable = new PullbackError('EntryUnreadable', { what: 'permission denied' })
const gone = new PullbackError('SourceMissing', { what: '/y does not exist' })

describe('a report', () => {
  it('tells in a dry run, an unchanged one and a partial one which it is', () => {
    const version = { timeMs: 0, dlistName: 'x', isFull: false }
    expect(backupText(backupReport({ dryRun: true }), brief)).toMatch(/^Dry run: nothing was stored\.\n/)
    expect(backupText(backupReport({}), brief)).toMatch(/^Nothing changed since the newest version/)
    expect(backupText(backupReport({ version }), brief)).toMatch(/^Version of .* written, partial\.\n/)
    expect(backupText(backupReport({ indexRebuilt: true }), brief)).toContain('built again')
  })

  it('never says of a lost source that nothing changed in it', () => {
    const report = backupReport({ lostSources: [{ label: '/y', error: gone }] })
    expect(backupText(report, brief)).toMatch(/^Nothing changed in what could be read/)
    const [what, meaning] = ['/y does not exist.', gone.meaning]
    expect(backupErrors(report)).toBe(`Lost as a whole (1):\n  /y: ${what} ${meaning} ${gone.advice}\n`)
  })

  it('lists twenty gaps, or all of them when asked to', () => {
    const gaps = Array.from({ length: 23 }, (_, at) => ({ path: `/p${at}`, error: unreadable }))
    const short = backupText(backupReport({ gaps }), brief)
    expect(short).toContain('Not stored as it should be (23):\n  /p0: Permission denied. ')
    expect(short).toContain('/p19: ')
    expect(short).not.toContain('/p20: ')
    expect(short).toContain('and 3 more; --full-result lists them')
    expect(backupText(backupReport({ gaps }), { ...brief, full: true })).toContain('/p22: ')
  })

  it('cannot be forged by the name of a file', () => {
    const gaps = [{ path: '/x\nLost as a whole (1):\u001b[2J', error: unreadable }]
    const texts = [
      backupText(backupReport({ gaps }), brief),
      restoreText(restoreReport({ failed: gaps }), brief),
    ]
    for (const text of texts) {
      expect(text).not.toContain('\u001b')
      expect(text).not.toMatch(/^Lost/m)
    }
  })

  it('of versions says of one that cannot be read why', () => {
    const contents = { isFull: false, files: 1, folders: 0, links: 0, bytes: 2048 }
    const lines = versionsText([
      { number: 0, timeMs: 0, contents },
      { number: 1, timeMs: 0, contents: unreadable },
    ]).split('\n')
    expect(lines[0]).toMatch(/^0\t.*\t\(1 file, 2\.0 KiB, partial\)$/)
    expect(lines[1]).toMatch(/^1\t.*\tcannot be read: Permission denied\./)
  })

  it('as JSON is one line with the outcome, its code, and errors as fields', () => {
    const report = backupReport({ lostSources: [{ label: '/y', error: gone }] })
    const json = jsonText({ command: 'backup', outcome: 'errors', report })
    expect(json.trimEnd()).not.toContain('\n')
    expect(JSON.parse(json)).toMatchObject({
      command: 'backup',
      outcome: 'errors',
      exitCode: 3,
      report: { lostSources: [{ label: '/y', error: { code: 'SourceMissing', retry: 'after-change' } }] },
    })
    const fault = jsonText({ outcome: 'failed', error: new TypeError('x is not a function') })
    expect(JSON.parse(fault)).toEqual({
      outcome: 'failed',
      exitCode: 100,
      error: { what: 'x is not a function' },
    })
  })
})

describe('the gaps of versions', () => {
  const gap = { path: '/a', code: 'EntryUnreadable', what: '/a cannot be read: permission denied' }

  it('are told with what to do, and a code of another release without', () => {
    const gaps = [gap, { path: '/b', code: 'Unheard', what: 'it was green' }]
    const told = gapsText([{ number: 3, timeMs: 0, gaps }], brief)
    expect(told).toMatch(
      /^Version 3 of .* \(2\):\n {2}\/a cannot be read: permission denied\. [A-Z].*\n {2}\/b: it was green\.\n$/,
    )
  })

  it('that there are none of is said', () => {
    expect(gapsText([], brief)).toMatch(/^No version has a gap/)
  })
})
