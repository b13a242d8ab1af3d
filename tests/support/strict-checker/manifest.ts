// The manifest every volume begins with: which format, which hashes, which blocksize.
import type { Place } from './findings.ts'
import { parseTime } from './times.ts'
import { asInteger, asObject, asString, property, propertyNames, readDocument } from './json-values.ts'

const PROPERTIES = 'AppVersion, BlockHash, Blocksize, Created, Encoding, FileHash, Version'
const MIN_BLOCKSIZE = 1024
const MAX_BLOCKSIZE = 2 ** 31 - 1

/** Checks a manifest and returns its blocksize; throws Unreadable if it is none that can be followed. */
export function readManifest(bytes: Buffer, place: Place): number {
  const manifest = asObject(readDocument(place, bytes, { bom: true, compact: false }), 'manifest')
  const names = propertyNames(manifest)
  const sorted = names.split(', ').toSorted().join(', ')
  if (sorted !== PROPERTIES) place.unlike(`properties expected ${PROPERTIES} in any order, found ${names}`)
  const version = asInteger(property(manifest, 'Version'), 'Version')
  if (version > 2) place.broken(`Version expected 2, found ${version}`)
  if (version < 2) place.unlike(`Version expected 2, found ${version}`)
  const fixed = { Encoding: 'utf8', BlockHash: 'SHA256', FileHash: 'SHA256' }
  for (const [name, expected] of Object.entries(fixed)) {
    const found = asString(property(manifest, name), name)
    if (found !== expected) place.broken(`${name} expected ${expected}, found ${found}`)
  }
  const created = asString(property(manifest, 'Created'), 'Created')
  if (parseTime(created) === undefined)
    place.unlike(`Created expected as yyyyMMddTHHmmssZ, found "${created}"`)
  const blocksize = asInteger(property(manifest, 'Blocksize'), 'Blocksize')
  if (blocksize < MIN_BLOCKSIZE || blocksize > MAX_BLOCKSIZE) {
    place.broken(`Blocksize expected ${MIN_BLOCKSIZE} to ${MAX_BLOCKSIZE}, found ${blocksize}`)
  }
  return blocksize
}
