// Writes a small sound backup from the worked examples of the format's description (blocksize 1024: an empty file, one
// block, three blocks, forty blocks with two blocklists, a link, metadata of two blocks), in two versions, or the same
// backup with one thing changed at any stage of its making.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { secretsFor, writeStream, type AesQuirks } from './aes.ts'
import { writeZip, type Part, type ZipQuirks } from './zip.ts'

export const BLOCKSIZE = 1024
const HASHES_PER_LIST = 32
const BOM = '\uFEFF'
const TICKS = '638355968000000000'
const TIME = '20231114T221320Z'

const FILES = {
  empty: Buffer.alloc(0),
  hello: Buffer.from('hello world\n'),
  c: Buffer.from(Array.from({ length: 2500 }, (_, i) => i % 251)),
  d: Buffer.from(Array.from({ length: 40_000 }, (_, i) => (7 * i + Math.floor(i / 256)) % 256)),
}

/** Names without their `.zip` or `.zip.aes`. The first of each kind is the one a mutation changes. */
export const NAMES = {
  dblocks: [
    'duplicati-b1f6e8a3c4d5947f0a1b2c3d4e5f60718.dblock',
    'duplicati-b00112233445566778899aabbccddeeff.dblock',
  ],
  dindexes: [
    'duplicati-i0123456789abcdef0123456789abcdef.dindex',
    'duplicati-ifedcba9876543210fedcba9876543210.dindex',
  ],
  dlists: ['duplicati-20231114T221500Z.dlist', 'duplicati-20231114T221400Z.dlist'],
} as const

type Text = (json: string) => string
type Parts = (parts: Part[]) => Part[]

/** Changes at the stages of making; those that follow are made from the changed result, as a faulty writer would. */
export type Mutation = {
  passphrase?: string
  /** The JSON of blobs, by which entries carry it. */
  metadata?: Partial<Record<keyof typeof METADATA, Text>>
  /** A dblock's parts after its index was made from the right ones. */
  dblock?: Parts
  vol?: Text
  dindex?: Parts
  fileset?: Text
  filelist?: Text
  dlist?: Parts
  manifest?: Text
  dlistZip?: ZipQuirks
  dlistAes?: AesQuirks
  /** Every single file, after all is written. */
  files?: (files: Map<string, Buffer>) => void
}

const METADATA = {
  file: blob('0-0-420', 'Normal'),
  folder: blob('0-0-493', 'Directory'),
  link: blob('0-0-511', 'ReparsePoint', ',"CoreSymlinkTarget":"hello.txt"'),
  long: blob('0-0-420', 'Normal').replace(
    '{',
    `{"unix-ext:user.note":"${Buffer.alloc(900, 7).toString('base64')}",`,
  ),
}

function blob(owner: string, attributes: string, more = ''): string {
  return (
    `${BOM}{"unix:uid-gid-perm":"${owner}","unix:owner-name":"root","unix:group-name":"root",` +
    `"CoreAttributes":"${attributes}","CoreLastWritetime":"${TICKS}","CoreCreatetime":"${TICKS}"${more}}`
  )
}

/** Writes the backup and returns its JSON and parts, for tests that compare them with known values. */
export function writeExample(
  folder: string,
  mutation: Mutation = {},
): { filelist: string; partNames: string[] } {
  const stock = blocksOf(mutation)
  const older = filelist(stock.entries)
  const newer = (mutation.filelist ?? same)(filelist([...stock.entries, stock.added]))
  const files = new Map<string, Buffer>()
  const sameKey = mutation.passphrase === undefined ? {} : { passphrase: mutation.passphrase }
  for (const [index, parts] of [stock.smallParts, stock.bigParts].entries()) {
    writePair(files, { index, parts, lists: stock.lists }, index === 0 ? mutation : sameKey)
  }
  for (const [index, list] of [newer, older].entries()) {
    const quirks: Mutation = index === 0 ? mutation : sameKey
    const parts = [
      part('fileset', (quirks.fileset ?? same)(`${BOM}{"IsFullBackup":true}`)),
      part('filelist.json', list),
    ]
    const zip = writeZip(withManifest((quirks.dlist ?? same)(parts)), quirks.dlistZip)
    put(files, NAMES.dlists[index] ?? '', { zip, passphrase: quirks.passphrase, aes: quirks.dlistAes })
  }
  mutation.files?.(files)
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes)
  return { filelist: newer, partNames: [...stock.smallParts, ...stock.bigParts].map(({ name }) => name) }
}

function writePair(
  files: Map<string, Buffer>,
  pair: { index: number; parts: Part[]; lists: ReadonlySet<string> },
  quirks: Mutation,
): void {
  const { passphrase } = quirks
  const dblockParts = withManifest((quirks.dblock ?? same)(pair.parts), quirks.manifest)
  const dblock = put(files, NAMES.dblocks[pair.index] ?? '', {
    zip: writeZip(dblockParts),
    passphrase,
  })
  const blocks = pair.parts.map(({ name, content }) => ({ hash: standard(name), size: content.length }))
  const vol = JSON.stringify({
    blocks,
    volumehash: sha256(dblock.bytes),
    volumesize: dblock.bytes.length,
  })
  const lists = pair.parts.filter(({ name }) => pair.lists.has(standard(name)))
  const parts = [
    ...lists.map(({ name, content }) => ({ name: `list/${name}`, content, stored: true })),
    part(`vol/${dblock.name}`, (quirks.vol ?? same)(vol)),
  ]
  const zip = writeZip(withManifest((quirks.dindex ?? same)(parts)))
  put(files, NAMES.dindexes[pair.index] ?? '', { zip, passphrase })
}

function put(
  files: Map<string, Buffer>,
  name: string,
  volume: { zip: Buffer; passphrase?: string | undefined; aes?: AesQuirks | undefined },
): { name: string; bytes: Buffer } {
  const { zip, passphrase, aes } = volume
  const full = passphrase === undefined ? `${name}.zip` : `${name}.zip.aes`
  const bytes =
    passphrase === undefined ? zip : writeStream(zip, { passphrase, secrets: secretsFor(full) }, aes)
  files.set(full, bytes)
  return { name: full, bytes }
}

function withManifest(parts: Part[], change: Text = same): Part[] {
  const manifest = {
    Version: 2,
    Created: TIME,
    Encoding: 'utf8',
    Blocksize: BLOCKSIZE,
    BlockHash: 'SHA256',
    FileHash: 'SHA256',
    AppVersion: '1.0',
  }
  return [part('manifest', change(`${BOM}${JSON.stringify(manifest)}`)), ...parts]
}

type Cut = { hash: string; size: number; blocklists: string[] }

/** Cuts all contents into blocks: the big file's into one dblock, all others into the first. */
function blocksOf(mutation: Mutation) {
  const smallParts: Part[] = []
  const bigParts: Part[] = []
  const lists = new Set<string>()
  const cut = (content: Buffer, into: Part[]): Cut => {
    const hashes: string[] = []
    for (let at = 0; at < content.length; at += BLOCKSIZE) {
      hashes.push(addBlock(content.subarray(at, at + BLOCKSIZE), into, false))
    }
    const blocklists: string[] = []
    for (let at = 0; hashes.length > 1 && at < hashes.length; at += HASHES_PER_LIST) {
      const raw = hashes.slice(at, at + HASHES_PER_LIST).map((hash) => Buffer.from(hash, 'base64'))
      blocklists.push(addBlock(Buffer.concat(raw), into, true))
    }
    for (const list of blocklists) lists.add(list)
    return { hash: sha256(content), size: content.length, blocklists }
  }
  const metadata = (kind: keyof typeof METADATA) => {
    const text = (mutation.metadata?.[kind] ?? same)(METADATA[kind])
    const { hash, size, blocklists } = cut(Buffer.from(text), smallParts)
    const tail = blocklists.length > 0 ? { metablocklists: blocklists } : {}
    return { metahash: hash, metasize: size, ...tail }
  }
  const file = (path: string, content: Buffer, kind: 'file' | 'long' = 'file') => {
    const { hash, size, blocklists } = cut(content, content === FILES.d ? bigParts : smallParts)
    const tail = blocklists.length > 0 ? { blocklists } : {}
    return { type: 'File', path, hash, size, time: TIME, ...metadata(kind), ...tail }
  }
  const folder = (path: string) => {
    const meta = metadata('folder')
    return { type: 'Folder', path, ...meta, metablockhash: meta.metahash }
  }
  const entries = [
    folder('/src/'),
    { type: 'Symlink', path: '/src/link', ...metadata('link') },
    folder('/src/sub/'),
    file('/src/empty.bin', FILES.empty),
    file('/src/hello.txt', FILES.hello),
    file('/src/sub/big.bin', FILES.d),
    file('/src/sub/c.bin', FILES.c, 'long'),
  ]
  return { smallParts, bigParts, lists, entries, added: file('/src/sub/hello again.txt', FILES.hello) }
}

function addBlock(content: Buffer, into: Part[], stored: boolean): string {
  const hash = sha256(content)
  const name = hash.replaceAll('+', '-').replaceAll('/', '_')
  if (!into.some((known) => known.name === name)) into.push({ name, content, stored })
  return hash
}

function filelist(entries: readonly object[]): string {
  return `${BOM}${JSON.stringify(entries)}`
}

function part(name: string, text: string): Part {
  return { name, content: Buffer.from(text) }
}

function standard(entryName: string): string {
  return entryName.replaceAll('-', '+').replaceAll('_', '/')
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64')
}

function same<T>(value: T): T {
  return value
}
