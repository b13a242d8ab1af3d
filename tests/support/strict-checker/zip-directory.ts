// Finds the central directory of a zip archive from its end, the classic way and the zip64 way, and insists that the
// end records account for every byte up to the end of the file.
import { Unreadable, type Place } from './findings.ts'

export type ZipDirectory = { at: number; sizeBytes: number; entries: number }

const END = 0x06054b50
const END_BYTES = 22
const END64 = 0x06064b50
const END64_BYTES = 56
const LOCATOR = 0x07064b50
const LOCATOR_BYTES = 20
const FULL_16 = 0xffff
const FULL_32 = 0xffffffff

/** Where the central directory lies; throws Unreadable if there is none. */
export function findDirectory(zip: Buffer, place: Place): ZipDirectory {
  const endAt = findEnd(zip)
  const disks = zip.readUInt16LE(endAt + 4) + zip.readUInt16LE(endAt + 6)
  if (disks !== 0) place.broken(`byte ${endAt + 4}: disk numbers expected 0, found others`)
  const commentBytes = zip.readUInt16LE(endAt + 20)
  if (commentBytes > 0)
    place.unlike(`byte ${endAt + 20}: the archive has a comment of ${commentBytes} bytes; expected none`)
  const trailing = zip.length - endAt - END_BYTES - commentBytes
  if (trailing !== 0)
    place.unlike(`byte ${zip.length - trailing}: ${trailing} bytes follow the end of the archive`)
  const onThisDisk = zip.readUInt16LE(endAt + 8)
  const classic = {
    entries: zip.readUInt16LE(endAt + 10),
    sizeBytes: zip.readUInt32LE(endAt + 12),
    at: zip.readUInt32LE(endAt + 16),
  }
  if (onThisDisk !== classic.entries) place.broken(`byte ${endAt + 8}: two different counts of entries`)
  const directory = zip64Directory(zip, { endAt, classic, place }) ?? { ...classic, endsAt: endAt }
  const gap = directory.endsAt - directory.at - directory.sizeBytes
  if (gap < 0)
    throw new Unreadable(`byte ${endAt + 16}: the central directory does not fit before its end record`)
  if (gap > 0)
    place.unlike(`byte ${directory.endsAt - gap}: ${gap} bytes belong to nothing; end record expected here`)
  return directory
}

function findEnd(zip: Buffer): number {
  const lowest = Math.max(0, zip.length - END_BYTES - FULL_16)
  for (let at = zip.length - END_BYTES; at >= lowest; at -= 1) {
    if (zip.readUInt32LE(at) === END) return at
  }
  throw new Unreadable(
    `is no zip archive: none of its ${zip.length} bytes begins an end of central directory`,
  )
}

function zip64Directory(
  zip: Buffer,
  archive: { endAt: number; classic: ZipDirectory; place: Place },
): (ZipDirectory & { endsAt: number }) | undefined {
  const { endAt, classic, place } = archive
  const isNeeded = classic.entries === FULL_16 || classic.sizeBytes === FULL_32 || classic.at === FULL_32
  const locatorAt = endAt - LOCATOR_BYTES
  if (locatorAt < 0 || zip.readUInt32LE(locatorAt) !== LOCATOR) {
    if (isNeeded)
      throw new Unreadable(`byte ${endAt}: the end record needs a zip64 record before it; found none`)
    return undefined
  }
  const end64At = Number(zip.readBigUInt64LE(locatorAt + 8))
  if (end64At !== locatorAt - END64_BYTES || zip.readUInt32LE(end64At) !== END64) {
    throw new Unreadable(`byte ${locatorAt}: zip64 end record expected right before, found none`)
  }
  const directory = {
    entries: Number(zip.readBigUInt64LE(end64At + 32)),
    sizeBytes: Number(zip.readBigUInt64LE(end64At + 40)),
    at: Number(zip.readBigUInt64LE(end64At + 48)),
    endsAt: end64At,
  }
  const fits = directory.entries < FULL_16 && directory.sizeBytes < FULL_32 && directory.at < FULL_32
  if (fits)
    place.unlike(`byte ${end64At}: zip64 end record for ${directory.entries} entries, which need none`)
  return directory
}
