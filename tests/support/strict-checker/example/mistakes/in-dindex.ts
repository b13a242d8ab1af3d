// Mistakes in a dindex.
import { HELLO, HELLO_ENTRY, LIST_OF_C, LIST_OF_C_ENTRY, ZEROS, type Mistake } from './mistake.ts'
import type { Part } from '../zip.ts'

export const IN_DINDEX: readonly Mistake[] = [
  vol('a byte order mark', (json) => `\uFEFF${json}`, 'expected no byte order mark, found one'),
  vol('whitespace', (json) => json.replace(',', ', '), 'expected no whitespace, found some at character'),
  vol(
    'size before hash',
    (json) => json.replace(/"hash":("[^"]*"),("size":\d+)/, '$2,"hash":$1'),
    'blocks[0]: properties expected "hash, size" in this order, found "size, hash"',
  ),
  vol(
    'another order of properties',
    (json) => json.replace(/^\{(.*),("volumesize":\d+)\}$/, '{$2,$1}'),
    'properties expected "blocks, volumehash, volumesize"',
  ),
  vol(
    'a property more',
    (json) => json.replace(/}$/, ',"more":1}'),
    'properties expected "blocks, volumehash, volumesize"',
  ),
  vol(
    'a wrong block size',
    (json) => json.replace(/"size":12}/, '"size":13}'),
    `size of block ${HELLO} expected 12, found 13`,
  ),
  vol(
    'a block missing',
    (json) => json.replace(`{"hash":"${HELLO}","size":12},`, ''),
    `block ${HELLO} of the dblock is not listed in blocks`,
  ),
  vol(
    'a blocklist missing',
    (json) => json.replace(`{"hash":"${LIST_OF_C}","size":96},`, ''),
    `block ${LIST_OF_C} of the dblock is not listed in blocks`,
  ),
  vol(
    'a block too many',
    (json) => json.replace('[', `[{"hash":"${ZEROS}","size":1},`),
    `block ${ZEROS} is not in the dblock`,
  ),
  vol(
    'a block twice',
    (json) => json.replace('[', `[{"hash":"${HELLO}","size":12},`),
    `block ${HELLO} is listed twice`,
  ),
  vol(
    'a wrong volumehash',
    (json) => json.replace(/"volumehash":"[^"]*"/, `"volumehash":"${ZEROS}"`),
    'volumehash expected',
  ),
  vol('a wrong volumesize', (json) => json.replace(/"volumesize":/, '"volumesize":1'), 'volumesize expected'),
  vol(
    'a hash in the URL-safe alphabet',
    (json) => json.replace(HELLO, HELLO_ENTRY),
    'expected 32 bytes in standard Base64',
  ),
  vol(
    'a fractional size',
    (json) => json.replace('"size":12}', '"size":12.0}'),
    'expected a plain integer, found 12.0',
  ),
  vol('a comma too many', (json) => json.replace('}]', '},]'), 'is not JSON at character'),
  {
    mistake: 'a blocklist that is not repeated in the dindex',
    mutation: { dindex: (parts) => parts.filter((part) => part.name !== `list/${LIST_OF_C_ENTRY}`) },
    reports: [`blocklist ${LIST_OF_C} is in no list/ entry of a dindex`],
  },
  listOfC(
    'wrong bytes under list/',
    () => Buffer.alloc(64),
    `SHA-256 of the content expected ${LIST_OF_C}, found`,
    `blocklist ${LIST_OF_C} is in no list/ entry`,
  ),
  listOfC(
    'a length under list/ that is no multiple of 32',
    (content) => content.subarray(1),
    'length expected a multiple of 32 up to 1024, found 95',
    `SHA-256 of the content expected ${LIST_OF_C}, found`,
    `blocklist ${LIST_OF_C} is in no list/ entry`,
  ),
  {
    mistake: 'a vol/ entry for a dblock that is not there',
    mutation: {
      dindex: (parts) =>
        parts.map((part) =>
          part.name.startsWith('vol/') ? { ...part, name: part.name.replace('b1f6', 'b1f7') } : part,
        ),
    },
    reports: ['describes a dblock that is not in the folder', 'no dindex describes this dblock'],
  },
  {
    mistake: 'a name under list/ that is no hash',
    mutation: { dindex: (parts) => [{ name: 'list/one', content: Buffer.alloc(32) }, ...parts] },
    reports: ['entry "list/one": name expected list/ and URL-safe Base64'],
  },
  {
    mistake: 'no vol/ entry',
    mutation: { dindex: (parts) => parts.filter((part) => part.name.startsWith('list/')) },
    reports: [
      'one vol/ entry expected, found 0',
      'entries expected in the order',
      'no dindex describes this dblock',
    ],
  },
]

function vol(mistake: string, change: (json: string) => string, ...reports: string[]): Mistake {
  return { mistake, mutation: { vol: change }, reports }
}

/** Changes the blocklist of the three-block file under list/. */
function listOfC(mistake: string, change: (content: Buffer) => Buffer, ...reports: string[]): Mistake {
  const dindex = (parts: Part[]) =>
    parts.map((part) =>
      part.name === `list/${LIST_OF_C_ENTRY}` ? { ...part, content: change(part.content) } : part,
    )
  return { mistake, mutation: { dindex }, reports }
}
