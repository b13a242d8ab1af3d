// Where a backup lies and how it is read: the part of a command line that all commands share.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf, PullbackError } from '../../base/errors.ts'
import type { VersionChoice } from '../../usecases/reports.ts'
import type { BackupPlace } from '../../usecases/world.ts'
import { optionTable } from '../option-table.ts'
import { compressionLevel, parseSize, parseTime, parseVersions, versionChoices } from '../option-values.ts'
import type { CommandLine, Surroundings } from './command.ts'

/** A release of stock refuses smaller ones. */
const smallestDblock = 1 << 20

/** How volumes are written unless a command line says otherwise. */
export const usualVolumes = { dblockSizeBytes: 50 << 20, level: compressionLevel(undefined) }

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
    addressOptions: addressOptionsOf(line, around),
    passphrase: passphraseOf(line, around),
    prefix,
    tempFolder: tempdir === undefined ? undefined : resolve(tempdir),
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

/** The one version that was named; the newest if none was. */
export function oneVersion(line: CommandLine, around: Surroundings): VersionChoice {
  const [version = { number: 0 }, more] = chosenVersions(line, around)
  if (!more) return version
  throw new PullbackError('BadOption', { what: `${line.command} takes one --version`, subject: 'version' })
}

/** What stands on the line, or in the environment, for all addresses. */
export function addressOptionsOf(line: CommandLine, { environment }: Surroundings): Map<string, string> {
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

/** The index that was named; undefined for the usual one. */
export function indexPathOf({ options }: CommandLine): string | undefined {
  const path = options.get('dbpath')
  return path === undefined ? undefined : resolve(path)
}

/** The size of new volumes that was asked for, or the usual one. */
export function dblockSizeOf(line: CommandLine): number {
  const text = line.options.get('dblock-size')
  const bytes = text === undefined ? usualVolumes.dblockSizeBytes : parseSize('dblock-size', text, 'mb')
  if (bytes >= smallestDblock) return bytes
  throw new PullbackError('BadOption', { what: '--dblock-size is at least 1mb', subject: 'dblock-size' })
}
