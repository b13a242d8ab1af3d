// From a parsed command line to the request of a use case: values are read, checked at the door, and given their units.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf, PullbackError } from '../base/errors.ts'
import type { VersionChoice } from '../usecases/reports.ts'
import type { BackupRequest } from '../usecases/run-backup.ts'
import type { RestoreRequest } from '../usecases/run-restore.ts'
import type { BackupPlace } from '../usecases/world.ts'
import type { CommandLine } from './command-line.ts'
import { optionTable } from './option-table.ts'
import { parseSize, parseTime, parseVersions, parseWhole, versionChoices } from './option-values.ts'

/** The environment variables that stand in for options; an option wins. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly nowMs: number
}

const mib = 1 << 20
/** A release of stock refuses smaller ones. */
const smallestDblock = mib
const smallestBlocksize = 1024
const largestBlocksize = 256 * mib
const defaultDblock = 50 * mib
/** Deflate 9 makes 2 to 4 % less than 1 and takes six times as long (measured on source text). */
const defaultLevel = 1

export function backupRequest(line: CommandLine, around: Surroundings): BackupRequest {
  const place = backupPlace(line, around)
  if (needsPassphrase(line, around)) {
    throw new PullbackError('PassphraseMissing', { what: 'no passphrase was given' })
  }
  const path = line.options.get('dbpath')
  return {
    ...place,
    sources: line.args.slice(1),
    indexPath: path === undefined ? undefined : resolve(path),
    blocksize: blocksizeOf(line),
    dblockSizeBytes: dblockSizeOf(line),
    level: wholeOr(line, 'zip-compression-level', { usual: defaultLevel, min: 0, max: 9 }),
    dryRun: line.options.has('dry-run'),
    uploadUnchanged: line.options.has('upload-unchanged-backups'),
  }
}

export function restoreRequest(line: CommandLine, around: Surroundings): RestoreRequest {
  const [version = { number: 0 }, more] = chosenVersions(line, around)
  if (more)
    throw new PullbackError('BadOption', { what: 'a restore takes one --version', subject: 'version' })
  const { options } = line
  return {
    ...backupPlace(line, around),
    version,
    patterns: line.args.slice(1),
    restorePath: options.get('restore-path'),
    keepWholePaths: options.has('dont-compress-restore-paths'),
    overwrite: options.has('overwrite'),
    restorePermissions: options.has('restore-permissions'),
    skipMetadata: options.has('skip-metadata'),
    dryRun: options.has('dry-run'),
  }
}

/** True for a command line that neither holds a passphrase nor does without one. */
export function needsPassphrase({ options }: CommandLine, { environment }: Surroundings): boolean {
  const names = ['passphrase', 'passphrase-file', 'no-encryption']
  return !names.some((name) => options.has(name)) && !environment['PASSPHRASE']
}

/** The versions that were named; none if none was. */
export function chosenVersions(line: CommandLine, around: Surroundings): VersionChoice[] {
  const numbers = line.options.get('version')
  const time = line.options.get('time')
  if (numbers !== undefined && time !== undefined) {
    throw new PullbackError('BadOption', { what: 'either --version or --time chooses a version, not both' })
  }
  if (time !== undefined) return [{ atMs: parseTime('time', time, around.nowMs) }]
  return numbers === undefined ? [] : versionChoices(parseVersions('version', numbers))
}

export function backupPlace(line: CommandLine, around: Surroundings): BackupPlace {
  const prefix = line.options.get('prefix') ?? 'duplicati'
  if (!/^[^-/]+$/.test(prefix)) {
    throw new PullbackError('BadOption', {
      what: `--prefix cannot be "${prefix}": it has no hyphen and no slash`,
    })
  }
  const tempdir = line.options.get('tempdir')
  return {
    targetUrl: line.args[0] ?? '',
    addressOptions: addressOptions(line, around),
    passphrase: passphraseOf(line, around),
    prefix,
    tempFolder: tempdir === undefined ? undefined : resolve(tempdir),
  }
}

function addressOptions(line: CommandLine, { environment }: Surroundings): Map<string, string> {
  const options = new Map<string, string>()
  for (const row of optionTable) {
    const value = row.address ? line.options.get(row.name) : undefined
    if (value !== undefined) options.set(row.name, row.kind === 'flag' ? 'true' : value)
  }
  for (const [name, variable] of [
    ['auth-username', 'AUTH_USERNAME'],
    ['auth-password', 'AUTH_PASSWORD'],
  ] as const) {
    const value = environment[variable]
    if (value && !options.has(name)) options.set(name, value)
  }
  return options
}

function passphraseOf(line: CommandLine, { environment }: Surroundings): string | undefined {
  const given = line.options.get('passphrase')
  const file = line.options.get('passphrase-file')
  if (given !== undefined && file !== undefined) {
    throw new PullbackError('BadOption', { what: 'either --passphrase or --passphrase-file, not both' })
  }
  if (line.options.has('no-encryption')) {
    if (given === undefined && file === undefined) return undefined
    throw new PullbackError('PassphraseUnwanted', {
      what: 'a passphrase was given together with --no-encryption',
    })
  }
  if (file !== undefined) return passphraseInFile(file)
  return given ?? (environment['PASSPHRASE'] || undefined)
}

function passphraseInFile(file: string): string {
  let text: string
  try {
    // Bytes that are no text would silently become another passphrase. A mark at the beginning is dropped.
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    const what = `the passphrase file ${file} cannot be read: ${messageOf(error)}`
    throw new PullbackError('BadOption', { what, subject: file, cause: error })
  }
  const [first = ''] = text.split(/\r?\n/, 1)
  if (first === '')
    throw new PullbackError('BadOption', { what: `the passphrase file ${file} begins with an empty line` })
  return first
}

function blocksizeOf(line: CommandLine): number | undefined {
  const text = line.options.get('blocksize')
  if (text === undefined) return undefined
  const bytes = parseSize('blocksize', text, 'kb')
  if (bytes >= smallestBlocksize && bytes <= largestBlocksize) return bytes
  throw new PullbackError('BadOption', {
    what: '--blocksize lies between 1kb and 256mb',
    subject: 'blocksize',
  })
}

function dblockSizeOf(line: CommandLine): number {
  const text = line.options.get('dblock-size')
  const bytes = text === undefined ? defaultDblock : parseSize('dblock-size', text, 'mb')
  if (bytes >= smallestDblock) return bytes
  throw new PullbackError('BadOption', { what: '--dblock-size is at least 1mb', subject: 'dblock-size' })
}

function wholeOr(
  line: CommandLine,
  name: string,
  range: { usual: number; min: number; max: number },
): number {
  const text = line.options.get(name)
  return text === undefined ? range.usual : parseWhole(name, text, range)
}
