// What drills have shown, one line of JSON for each, oldest first, in a small file beside the index: the index is a
// cache that may be built again, and this cannot be. The file is written anew as a whole and takes the old one's name
// when it is on the disk; of two drills that end in the same moment one record may be lost. A line that cannot be read
// is passed over.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf, systemCode } from '../../base/errors.ts'

export interface DrillRecord {
  /** When the drill ended, in milliseconds since 1970. */
  readonly atMs: number
  /** The version's. */
  readonly versionMs: number
  readonly seed: string
  readonly files: number
  readonly bytes: number
  readonly proven: number
  /** Changed at the source since, or gone from there: restored as it was recorded. */
  readonly changed: number
  /** Restored as it was recorded; the source could not be looked at. */
  readonly unseen: number
  /** Not restored, or other bytes than the source has without a sign of change: all of them. */
  readonly alarms: number
  /** The first few. */
  readonly alarmPaths: readonly string[]
}

/** Nineteen years of weekly drills; some 300 kB. */
const maxRecords = 1000

function historyPath(indexPath: string): string {
  return `${indexPath}.drills.jsonl`
}

/** Oldest first; none if there is no history yet. */
export function readHistory(indexPath: string): DrillRecord[] {
  let text: string
  try {
    text = readFileSync(historyPath(indexPath), 'utf8')
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    return []
  }
  return text.split('\n').flatMap(recordIn)
}

/** That it could not be kept is a warning: what the drill has shown stands. */
export function appendToHistory(indexPath: string, record: DrillRecord, warnings: string[]): void {
  const path = historyPath(indexPath)
  const temporary = `${path}.new`
  try {
    const records = [...readHistory(indexPath), record].slice(-maxRecords)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const file = openSync(temporary, 'w', 0o600)
    try {
      writeFileSync(file, records.map((one) => `${JSON.stringify(one)}\n`).join(''))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    warnings.push(`the history of drills ${path} could not be written: ${messageOf(error)}`)
  }
}

function recordIn(line: string): DrillRecord[] {
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) ? [value] : []
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return []
  }
}

const numbers = ['atMs', 'versionMs', 'files', 'bytes', 'proven', 'changed', 'unseen', 'alarms'] as const

function isRecord(value: unknown): value is DrillRecord {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Readonly<Record<string, unknown>>
  return (
    numbers.every((name) => typeof fields[name] === 'number') &&
    typeof fields['seed'] === 'string' &&
    Array.isArray(fields['alarmPaths'])
  )
}
