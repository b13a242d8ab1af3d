// Mistakes in a file list or around it.
import { HELLO, LIST_OF_C, ZEROS, type Mistake } from './mistake.ts'

/** A file of one block, up to where its optional properties begin. */
const FILE_HELLO = /("hash":"qUiQ[^}]*"metasize":189)/

export const IN_DLIST: readonly Mistake[] = [
  list(
    'no byte order mark',
    (json) => json.slice(1),
    'filelist.json: expected a byte order mark, found none',
  ),
  list('whitespace', (json) => json.replace(',', ', '), 'expected no whitespace, found some at character'),
  list(
    'an escaped slash',
    (json) => json.replace('"/src/"', String.raw`"\/src\/"`),
    'expected no needless escape',
  ),
  list(
    'an escaped letter',
    (json) => json.replace('"/src/"', String.raw`"/sr\u0063/"`),
    'expected no needless escape',
  ),
  list(
    'another order of properties',
    (json) => json.replace(/("type":"File"),("path":"[^"]*")/, '$2,$1'),
    'properties of a File expected as',
  ),
  list(
    'a property more',
    (json) => json.replace('"metasize":192', '"metasize":192,"more":1'),
    'properties of a Folder expected as',
    'is no entry',
  ),
  list(
    'an unknown type',
    (json) => json.replace('"Symlink"', '"AlternateStream"'),
    'type expected File, Folder or Symlink, found "AlternateStream"',
  ),
  list(
    'a type in lower case',
    (json) => json.replace('"Symlink"', '"symlink"'),
    'type expected File, Folder or Symlink, found "symlink"',
  ),
  list(
    'no metadata',
    (json) => json.replace(/("path":"\/src\/link"),"metahash":"[^"]*","metasize":\d+/, '$1'),
    'metadata (metahash, then metasize) expected',
  ),
  list(
    'a wrong metasize',
    (json) => json.replace('"metasize":227', '"metasize":228'),
    'metadata: block 82U0mQPzpbDXimrf10Y9d4sfn3Zb4ra5ltilsfWu56Y= expected with 228 bytes, found with 227',
  ),
  list(
    'metadata that is nowhere',
    (json) => json.replace(/("metahash":")[^"]*(","metasize":227)/, `$1${ZEROS}$2`),
    `metadata: block ${ZEROS} is in no dblock`,
  ),
  list(
    'metablocklists left out',
    (json) => json.replace(/,"metablocklists":\[[^\]]*\]/, ''),
    'need 1 blocklists, found 0',
  ),
  list(
    'metablocklists empty',
    (json) => json.replace('"metasize":227', '"metasize":227,"metablocklists":[]'),
    'metablocklists is an empty array',
  ),
  list(
    'metablockhash on a File',
    (json) =>
      json.replace(/"metahash":("[^"]*"),"metasize":189/, '"metahash":$1,"metasize":189,"metablockhash":$1'),
    'a File has metablockhash, although it equals metahash',
  ),
  list(
    'another metablockhash',
    (json) => json.replace(/"metablockhash":"[^"]*"/, `"metablockhash":"${ZEROS}"`),
    'metablockhash expected',
  ),
  list(
    'blockhash without need',
    (json) => json.replace(FILE_HELLO, `$1,"blockhash":"${HELLO}","blocksize":12`),
    'has blockhash and blocksize',
  ),
  list(
    'a size with an exponent',
    (json) => json.replace('"size":12,', '"size":1.2e1,'),
    'size: expected a plain integer, found 1.2e1',
  ),
  list(
    'a size as text',
    (json) => json.replace('"size":12,', '"size":"12",'),
    'size: expected a plain integer, found a string',
  ),
  list(
    'a wrong size',
    (json) => json.replace('"size":12,', '"size":11,'),
    `block ${HELLO} expected with 11 bytes, found with 12`,
  ),
  list(
    'a wrong size of many blocks',
    (json) => json.replace('"size":2500,', '"size":2501,'),
    'expected with 453 bytes, found with 452',
  ),
  list(
    'a wrong hash of many blocks',
    (json) => json.replace('"hash":"p1xb', '"hash":"p2xb'),
    'SHA-256 over all blocks expected p2xb',
  ),
  list(
    'a hash that is nowhere',
    (json) => json.replace(`"hash":"${HELLO}"`, `"hash":"${ZEROS}"`),
    `block ${ZEROS} is in no dblock`,
  ),
  list(
    'a hash without padding',
    (json) => json.replace(HELLO, HELLO.slice(0, -1)),
    'hash: expected 32 bytes in standard Base64 with padding',
  ),
  list(
    'a blocklist too few',
    (json) => json.replace(/,"\/TwB[^"]*"/, ''),
    '40000 bytes need 2 blocklists, found 1',
  ),
  list(
    'a blocklist too many',
    (json) => json.replace(LIST_OF_C, `${LIST_OF_C}","${LIST_OF_C}`),
    '2500 bytes need 1 blocklists, found 2',
  ),
  list(
    'a blocklist for a single block',
    (json) => json.replace(FILE_HELLO, `$1,"blocklists":["${LIST_OF_C}"]`),
    '12 bytes need 0 blocklists, found 1',
  ),
  list(
    'blocklists in another order',
    (json) => json.replace(/("Ktje[^"]*"),("\/TwB[^"]*")/, '$2,$1'),
    'expected with 32 hashes, found with 256 bytes',
  ),
  list(
    'another hash for an empty file',
    (json) => json.replace('47DEQ', '48DEQ'),
    'hash of no bytes expected 47DEQ',
  ),
  list(
    'a day no calendar has',
    (json) => json.replace('"time":"20231114', '"time":"20231131'),
    'time expected as yyyyMMddTHHmmssZ',
  ),
  list(
    'another time than the metadata',
    (json) => json.replace('"time":"20231114T221320Z"', '"time":"20231114T221321Z"'),
    'CoreLastWritetime expected within second 1700000001',
  ),
  list(
    'a path twice',
    (json) => json.replace('/src/hello.txt', '/src/empty.bin'),
    'path "/src/empty.bin": occurs more than once',
  ),
  list(
    'a path with and without separator',
    (json) => json.replace('/src/hello.txt', '/src/sub'),
    'path "/src/sub/": occurs with and without a separator',
  ),
  list(
    'a relative path',
    (json) => json.replace('"/src/hello.txt"', '"src/hello.txt"'),
    'path "src/hello.txt": expected rooted',
    'its folder "src/" is no entry',
  ),
  list(
    'a path with ..',
    (json) => json.replace('"/src/hello.txt"', '"/src/../hello.txt"'),
    'has a ".." segment',
    'its folder "/src/../" is no entry',
  ),
  list(
    'an empty segment',
    (json) => json.replace('"/src/hello.txt"', '"/src//hello.txt"'),
    'has an empty segment',
    'its folder "/src//" is no entry',
  ),
  list(
    'a Windows path among others',
    (json) => json.replace('"/src/hello.txt"', String.raw`"C:\\hello.txt"`),
    'separator expected "/" as before',
  ),
  list(
    'a folder without separator',
    (json) => json.replace('"/src/sub/"', '"/src/sub"'),
    'the path of a Folder expected to end with a separator',
    'its folder "/src/sub/" is no entry',
  ),
  list(
    'a file with separator',
    (json) => json.replace('"/src/hello.txt"', '"/src/hello.txt/"'),
    'the path of a File expected to end without separator',
  ),
  list(
    'a link with separator to a file',
    (json) => json.replace('"/src/link"', '"/src/link/"'),
    'a link path ends with a separator if its attributes name Directory',
  ),
  list(
    'a folder that is no entry',
    (json) => json.replaceAll('"/src/sub/c', '"/src/new/c'),
    'its folder "/src/new/" is no entry',
  ),
  list(
    'a folder missing between two',
    (json) => json.replace('"/src/sub/"', '"/src/a/sub/"'),
    'its folder "/src/a/" is no entry, but one above is',
    'its folder "/src/sub/" is no entry',
  ),
  list(
    'a "." segment',
    (json) => json.replace('"/src/hello.txt"', '"/src/./hello.txt"'),
    'has a "." segment',
    'is no entry',
  ),
  list(
    'a zero character',
    (json) => json.replace('"/src/hello.txt"', String.raw`"/src/\u0000"`),
    'has a zero character',
  ),
  list(
    'a wrong blockhash',
    (json) => json.replace(FILE_HELLO, `$1,"blockhash":"${ZEROS}","blocksize":13`),
    'has blockhash and blocksize',
    'blockhash differs from hash',
    'blocksize expected 12 like size, found 13',
  ),
  list(
    'an object for the array',
    () => '\uFEFF{}',
    'filelist.json: list: expected an array, found an object',
  ),
  list(
    'a word for an entry',
    (json) => json.replace('[', '["x",'),
    'filelist.json, [0]: entry: expected an object, found a string',
  ),
  list(
    'an entry without properties',
    (json) => json.replace('[', '[{},'),
    'filelist.json, [0]: has no "type"',
  ),
  {
    mistake: 'no filelist.json',
    mutation: { dlist: (parts) => parts.slice(0, 1) },
    reports: ['filelist.json: expected, found none', 'entries expected in the order'],
  },
  {
    mistake: 'bytes that are no UTF-8',
    mutation: {
      dlist: (parts) =>
        parts.map((part) => ({ ...part, content: Buffer.concat([part.content, Buffer.of(0xff)]) })),
    },
    reports: ['fileset: is not valid UTF-8', 'filelist.json: is not valid UTF-8'],
  },
  {
    mistake: 'fileset without byte order mark',
    mutation: { fileset: (json) => json.slice(1) },
    reports: ['fileset: expected a byte order mark, found none'],
  },
  {
    mistake: 'fileset with a word for a boolean',
    mutation: { fileset: (json) => json.replace('true', '"true"') },
    reports: ['IsFullBackup: expected true or false, found a string'],
  },
  {
    mistake: 'fileset with a property more',
    mutation: { fileset: (json) => json.replace('true', 'true,"More":1') },
    reports: ['properties expected "IsFullBackup", found "IsFullBackup, More"'],
  },
  {
    mistake: 'no fileset',
    mutation: { dlist: (parts) => parts.slice(1) },
    reports: ['fileset: expected, found none', 'entries expected in the order'],
  },
  {
    mistake: 'filelist.json before fileset',
    mutation: { dlist: (parts) => parts.toReversed() },
    reports: ['entries expected in the order'],
  },
  {
    mistake: 'an entry name beyond ASCII',
    mutation: { dlist: (parts) => [...parts, { name: 'été', content: Buffer.from('x') }] },
    reports: ['name expected plain ASCII', 'entries expected in the order'],
  },
]

function list(mistake: string, change: (json: string) => string, ...reports: string[]): Mistake {
  return { mistake, mutation: { filelist: change }, reports }
}
