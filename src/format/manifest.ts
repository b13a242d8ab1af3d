// The first entry of every volume: which form its contents have. Stock compares it with what it expects, letter by
// letter, and refuses the volume if it differs.
import { PullbackError } from '../base/errors.ts'
import { byteOrderMark, isJsonObject, parseJson } from './json-text.ts'
import { formatVersionTime } from './volume-name.ts'

export const manifestEntryName = 'manifest'
/** Some 150 bytes as written. */
export const manifestMaxBytes = 1 << 16

export interface Manifest {
  readonly version: number
  /** In bytes. */
  readonly blocksize: number
}

const newestVersion = 2
// Limits of stock (Options.cs).
const smallestBlocksize = 1024
const largestBlocksize = 2 ** 31 - 1

export function writeManifest(facts: { blocksize: number; createdMs: number; appVersion: string }): Buffer {
  const manifest = {
    Version: newestVersion,
    Created: formatVersionTime(facts.createdMs),
    Encoding: 'utf8',
    Blocksize: facts.blocksize,
    BlockHash: 'SHA256',
    FileHash: 'SHA256',
    AppVersion: facts.appVersion,
  }
  return Buffer.from(byteOrderMark + JSON.stringify(manifest))
}

/** `VolumeDamaged` for what is no manifest, `FormatUnsupported` for one that asks for more than is known here. */
export function readManifest(bytes: Uint8Array): Manifest {
  const manifest = parseJson(bytes, { what: 'the manifest', limitBytes: manifestMaxBytes })
  if (!isJsonObject(manifest)) throw new PullbackError('VolumeDamaged', { what: 'the manifest is no object' })
  const version = manifest['Version']
  const blocksize = manifest['Blocksize']
  if (
    typeof version !== 'number' ||
    version < 1 ||
    typeof blocksize !== 'number' ||
    !Number.isInteger(blocksize)
  ) {
    throw new PullbackError('VolumeDamaged', { what: 'the manifest does not name its version and blocksize' })
  }
  if (blocksize < smallestBlocksize || blocksize > largestBlocksize) {
    throw new PullbackError('VolumeDamaged', {
      what: `the manifest has an impossible blocksize, ${blocksize}`,
    })
  }
  if (version > newestVersion) throw unsupported(`it has manifest version ${version}; 1 and 2 are known`)
  for (const [field, known] of [
    ['Encoding', 'utf8'],
    ['BlockHash', 'SHA256'],
    ['FileHash', 'SHA256'],
  ] as const) {
    const value = manifest[field]
    if (typeof value !== 'string')
      throw new PullbackError('VolumeDamaged', { what: `the manifest has no ${field}` })
    if (value !== known) throw unsupported(`its ${field} is ${JSON.stringify(value)}; only ${known} is read`)
  }
  return { version, blocksize }
}

function unsupported(what: string): PullbackError {
  return new PullbackError('FormatUnsupported', { what })
}
