// Which files of the folder are volumes, by the grammar of their names. Pullback's own names are held to the letter
// (prefix `duplicati`, 32 lower-case hex digits, zip, aes or nothing); other names that parse are merely read.
import { parseTime } from './times.ts'
import type { Place } from './findings.ts'

export type VolumeKind = 'dlist' | 'dblock' | 'dindex'

export type VolumeName = {
  name: string
  kind: VolumeKind
  encrypted: boolean
  /** Only of a dlist: the moment its name states. */
  timeMs: number | undefined
}

const PROFILE =
  /^duplicati-(?:\d{8}T\d{6}Z\.dlist|b[0-9a-f]{32}\.dblock|i[0-9a-f]{32}\.dindex)\.zip(?:\.aes)?$/
const GRAMMAR =
  /^[^-]+-(?:(?<guid>[bi][0-9a-f]+)|(?<time>\d{8}T\d{6}Z))\.(?<kind>dblock|dindex|dlist)\.zip(?<aes>\.aes)?$/i
/** Says that a version is to stay: small, and of no interest to a restore. */
const PIN = /^duplicati-pin-\d{8}T\d{6}Z\.txt$/

/** The volumes among the files of a folder, dlists oldest first; every other name is a finding. */
export function sortNames(names: readonly string[], root: Place): VolumeName[] {
  const volumes: VolumeName[] = []
  for (const name of names.toSorted()) {
    if (PIN.test(name)) continue
    const volume = parseName(name)
    if (volume === undefined) root.at(name).unlike('is no volume of this backup')
    else volumes.push(volume)
    if (volume !== undefined && !PROFILE.test(name))
      root.at(name).unlike('name differs from the grammar to write')
  }
  expectUnique(volumes, root)
  expectOneEncryption(volumes, root)
  return volumes
}

function parseName(name: string): VolumeName | undefined {
  const groups = GRAMMAR.exec(name)?.groups
  const kind = groups?.['kind']
  if (groups === undefined || (kind !== 'dblock' && kind !== 'dindex' && kind !== 'dlist')) return undefined
  const timeMs = parseTime(groups['time'] ?? '')
  if ((kind === 'dlist') !== (timeMs !== undefined)) return undefined
  return { name, kind, encrypted: groups['aes'] !== undefined, timeMs }
}

/** No two volumes share a GUID, no two dlists a second, whatever else their names say. */
function expectUnique(volumes: readonly VolumeName[], root: Place): void {
  const firsts = new Map<string, string>()
  for (const { name, timeMs } of volumes) {
    const identity = timeMs === undefined ? (/-[bi]([0-9a-f]+)/i.exec(name)?.[1] ?? name) : String(timeMs)
    const first = firsts.get(identity.toLowerCase())
    const what = timeMs === undefined ? 'the hex digits' : 'the time'
    if (first !== undefined) root.at(name).unlike(`has ${what} of ${first}`)
    firsts.set(identity.toLowerCase(), name)
  }
}

function expectOneEncryption(volumes: readonly VolumeName[], root: Place): void {
  const plain = volumes.find((volume) => !volume.encrypted)
  const encrypted = volumes.find((volume) => volume.encrypted)
  if (plain !== undefined && encrypted !== undefined) {
    root.at(plain.name).unlike(`is not encrypted, but ${encrypted.name} is`)
  }
}
