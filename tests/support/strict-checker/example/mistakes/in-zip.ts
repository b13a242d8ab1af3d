// Mistakes in the zip container.
import { PLAIN, type Mistake } from './mistake.ts'
import type { Mutation } from '../backup.ts'
import type { Part, ZipQuirks } from '../zip.ts'

export const IN_ZIP: readonly Mistake[] = [
  inDlist('data descriptors', { descriptors: true }, 'has a data descriptor', 'in the local header expected'),
  inDlist(
    'bytes before the first entry',
    { prefixBytes: 7 },
    'byte 0: 7 bytes belong to nothing; local header expected',
  ),
  inDlist('a gap between entries', { gapBytes: 5 }, '5 bytes belong to nothing; local header expected here'),
  inDlist(
    'a gap before the directory',
    { gapBeforeDirectoryBytes: 5 },
    '5 bytes belong to nothing; central directory',
  ),
  inDlist('a gap before the end record', { gapBeforeEndBytes: 5 }, '5 bytes belong to nothing; end record'),
  inDlist('a trailing byte', { trailingBytes: 1 }, '1 bytes follow the end of the archive'),
  inDlist('a comment', { comment: 'hi' }, 'the archive has a comment of 2 bytes'),
  inDlist(
    'an extra field',
    { extraField: Buffer.from([0x55, 0x54, 1, 0, 0]) },
    'extra field 0x5455 of 5 bytes',
  ),
  inDlist('zip64 without need', { zip64: true }, 'zip64 end record for 3 entries, which need none'),
  inDlist('another size in the local header', { localSizeError: 1 }, 'size in the local header expected'),
  inDlist('a wrong size', { sizeError: 1 }, 'unpacked size expected'),
  inDlist('a wrong CRC', { crcError: 1 }, 'CRC-32 expected'),
  inDlist('another name in the local header', { localName: 'manifesto' }, 'another name than the directory'),
  inDlist('bytes behind the deflated data', { bytesAfterDeflate: 2 }, '2 bytes follow the deflated data'),
  inDlist('method 9', { method: 9 }, 'method expected 0 or 8, found 9'),
  inDlist('an encryption flag', { flags: 1 }, 'flags expected none beyond'),
  inDlist('the UTF-8 flag on plain names', { flags: 1 << 11 }, 'flag bit 11 (UTF-8) on a plain ASCII name'),
  inDlist('version 4.5 needed', { versionNeeded: 45 }, 'version needed expected 20, found 45'),
  inDlist('no DOS time', { dosTime: 0 }, 'DOS time 0x00000000 is no time'),
  inDlist(
    'a directory in another order',
    { reverseDirectory: true },
    'in another order than they lie',
    'first entry',
    'entries expected in',
  ),
  inDlist(
    'entries longer than their place',
    { packedSizeError: 1 },
    'overlaps the entry before',
    'follow the deflated data',
  ),
  inDlist(
    'entries longer than the file',
    { packedSizeError: 100_000 },
    'reaches beyond the end of the archive',
  ),
  inDlist('deflated data under method 0', { method: 0 }, 'stored size expected', 'unpacked size expected'),
  withMutation(
    'plain data under method 8',
    { dlistZip: { method: 8 }, dlist: (parts) => parts.map((part) => ({ ...part, stored: true })) },
    'cannot be inflated',
  ),
  edited(
    'the flag of a name beyond ASCII',
    (zip) => zip.writeUInt8(0xc3, lastRecord(zip) + 46),
    'name expected plain ASCII',
    'a name beyond ASCII expected as UTF-8 with flag bit 11',
    'another name than the directory',
    'filelist.json: expected, found none',
    'entries expected in',
  ),
  withMutation(
    'a "\\" for a "/"',
    { dlist: (parts) => insert(parts, String.raw`extra\a`) },
    'name has "\\"; separator expected "/"',
  ),
  withMutation(
    'a folder entry',
    { dlist: (parts) => insert(parts, 'extra/') },
    'is a folder entry; expected none',
  ),
  edited('a second disk', (zip) => zip.writeUInt16LE(1, zip.length - 18), 'disk numbers expected 0'),
  edited(
    'two counts of entries',
    (zip) => zip.writeUInt16LE(9, zip.length - 14),
    'two different counts of entries',
  ),
  edited(
    'fewer entries than records',
    (zip) => zip.fill(Buffer.from([2, 0, 2, 0]), zip.length - 14, zip.length - 10),
    'bytes longer than its records',
    'bytes belong to nothing; central directory',
    'filelist.json: expected, found none',
    'entries expected in the order',
  ),
  edited(
    'a directory beyond its end',
    (zip) => zip.writeUInt32LE(zip.length, zip.length - 6),
    'does not fit before its end record',
  ),
  edited(
    'a count that needs zip64',
    (zip) => zip.fill(255, zip.length - 14, zip.length - 10),
    'the end record needs a zip64 record',
  ),
  edited(
    'an entry on another disk',
    (zip) => zip.writeUInt16LE(1, lastRecord(zip) + 34),
    'disk number expected 0',
  ),
  edited(
    'a record without signature',
    (zip) => zip.writeUInt8(9, lastRecord(zip) + 2),
    'central record expected, found none',
  ),
  edited(
    'a name beyond the end',
    (zip) => zip.writeUInt16LE(9999, lastRecord(zip) + 28),
    'central record reaches beyond',
  ),
  inDlist('a comment on entries', { entryComment: 'hi' }, 'the entry has a comment; expected none'),
  edited(
    'a size that needs zip64',
    (zip) => zip.writeUInt32LE(0xffffffff, lastRecord(zip) + 24),
    'lacks the zip64 value of sizeBytes',
  ),
  edited(
    'a local header without signature',
    (zip) => zip.writeUInt8(9, 2),
    'byte 0: local header expected, found none',
  ),
  {
    mistake: 'a file cut short',
    mutation: {
      files: (files) => files.set(PLAIN.dlist, files.get(PLAIN.dlist)?.subarray(0, -40) ?? Buffer.alloc(0)),
    },
    reports: ['is no zip archive'],
  },
]

function inDlist(mistake: string, dlistZip: ZipQuirks, ...reports: string[]): Mistake {
  return { mistake, mutation: { dlistZip }, reports }
}

function withMutation(mistake: string, mutation: Mutation, ...reports: string[]): Mistake {
  return { mistake, mutation, reports }
}

/** Changes the bytes of a finished dlist. */
function edited(mistake: string, edit: (zip: Buffer) => unknown, ...reports: string[]): Mistake {
  const files = (all: Map<string, Buffer>) => {
    edit(all.get(PLAIN.dlist) ?? Buffer.alloc(0))
  }
  return { mistake, mutation: { files }, reports }
}

/** Where the last record of the central directory begins. */
function lastRecord(zip: Buffer): number {
  return zip.lastIndexOf('PK\u0001\u0002')
}

function insert(parts: Part[], name: string): Part[] {
  return [...parts.slice(0, 1), { name, content: Buffer.alloc(1) }, ...parts.slice(1)]
}
