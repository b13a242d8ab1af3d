// Mistakes in a dblock.
import { createHash } from 'node:crypto'
import type { Part } from '../zip.ts'
import { HELLO, HELLO_ENTRY, type Mistake } from './mistake.ts'

const HELLO_IS_LOST = [`block ${HELLO} is not in the dblock`, `block ${HELLO} is in no dblock`]
const BADLY_NAMED = ['name expected URL-safe Base64 of a SHA-256 with padding', ...HELLO_IS_LOST]
const TOO_LONG = Buffer.alloc(1025)
const NAME_OF_TOO_LONG = createHash('sha256').update(TOO_LONG).digest('base64url') + '='
const NAME_OF_NOTHING = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU='

export const IN_DBLOCK: readonly Mistake[] = [
  hello(
    'a block whose bytes are not those of its name',
    (part) => [{ ...part, content: Buffer.from('jello') }],
    [`SHA-256 of the content expected ${HELLO}, found`, ...HELLO_IS_LOST],
  ),
  hello('a block left out', () => [], HELLO_IS_LOST),
  hello('a block name without padding', (part) => [{ ...part, name: HELLO_ENTRY.slice(0, -1) }], BADLY_NAMED),
  hello('a block name in the standard alphabet', (part) => [{ ...part, name: HELLO }], BADLY_NAMED),
  hello('a block twice in one dblock', (part) => [part, part], ['occurs more than once']),
  hello('a stranger among the blocks', (part) => [part, { name: 'readme', content: Buffer.from('x') }], [
    'entry "readme": name expected URL-safe Base64 of a SHA-256 with padding',
  ]),
  hello('a block of no bytes', (part) => [part, { name: NAME_OF_NOTHING, content: Buffer.alloc(0) }], [
    'is a block of no bytes',
    'of the dblock is not listed in blocks',
  ]),
  hello('a block above the blocksize', (part) => [part, { name: NAME_OF_TOO_LONG, content: TOO_LONG }], [
    'block of at most 1024 bytes expected, found 1025',
    'of the dblock is not listed in blocks',
  ]),
  {
    mistake: 'no block at all',
    mutation: { dblock: () => [] },
    reports: [
      'holds no block',
      'is not in the dblock',
      'is in no dblock',
      'blocklist is not a block of any dblock',
    ],
  },
]

/** Puts something else in the place of one block, after the dindex was made. */
function hello(mistake: string, change: (part: Part) => Part[], reports: readonly string[]): Mistake {
  const dblock = (parts: Part[]) =>
    parts.flatMap((part) => (part.name === HELLO_ENTRY ? change(part) : [part]))
  return { mistake, mutation: { dblock }, reports }
}
