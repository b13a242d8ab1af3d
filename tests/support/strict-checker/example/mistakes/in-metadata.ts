// Mistakes in metadata blobs.
import type { Mutation } from '../backup.ts'
import type { Mistake } from './mistake.ts'

const NAMES_SWAPPED = /("unix:owner-name":"root"),("unix:group-name":"root")/
/** 33 blocks of 1024 bytes are one more than 32 hashes can name. */
const LONG_VALUE = Buffer.alloc(25_000, 7).toString('base64')

export const IN_METADATA: readonly Mistake[] = [
  blob('no byte order mark', { file: (json) => json.slice(1) }, 'expected a byte order mark, found none'),
  blob('whitespace', { file: (json) => json.replace(',', ', ') }, 'expected no whitespace'),
  blob(
    'a number for a string',
    { file: (json) => json.replace('"root"', '0') },
    'key "unix:owner-name": expected a string, found a number',
  ),
  blob(
    'another order of keys',
    { file: (json) => json.replace(NAMES_SWAPPED, '$2,$1') },
    'key "unix:owner-name" expected before "unix:group-name"',
  ),
  blob(
    'a key twice',
    { file: (json) => json.replace('"unix:group-name"', '"unix:owner-name"') },
    'key "unix:owner-name" occurs more than once',
  ),
  blob(
    'an octal mode',
    { file: (json) => json.replace('0-0-420', '0-0-0644') },
    '"unix:uid-gid-perm" expected as',
  ),
  blob(
    'a mode with setuid',
    { file: (json) => json.replace('0-0-420', '0-0-2541') },
    '"unix:uid-gid-perm" expected as',
  ),
  blob(
    'an unknown attribute',
    { file: (json) => json.replace('"Normal"', '"Regular"') },
    '"CoreAttributes" expected as',
  ),
  blob(
    'attributes in falling order',
    { folder: (json) => json.replace('"Directory"', '"Directory, Hidden"') },
    '"CoreAttributes" expected as',
  ),
  blob(
    'a folder without Directory',
    { folder: (json) => json.replace('"Directory"', '"Normal"') },
    'Directory expected on folders and only there',
  ),
  blob(
    'a link without ReparsePoint',
    { link: (json) => json.replace('"ReparsePoint"', '"Normal"') },
    'ReparsePoint expected on links and only there',
  ),
  blob(
    'a link without target',
    { link: (json) => json.replace(',"CoreSymlinkTarget":"hello.txt"', '') },
    'a Symlink without CoreSymlinkTarget',
  ),
  blob(
    'a file with a link target',
    { file: (json) => json.replace(/}$/, ',"CoreSymlinkTarget":"x"}') },
    'a File with CoreSymlinkTarget',
  ),
  blob(
    'ticks that are none',
    { file: (json) => json.replace(/"CoreCreatetime":"\d+"/, '"CoreCreatetime":"-1"') },
    '"CoreCreatetime" expected as decimal ticks',
  ),
  blob(
    'an attribute in the URL-safe alphabet',
    { file: (json) => json.replace('{', '{"unix-ext:user.a":"-_-_",') },
    '"unix-ext:user.a" expected as standard Base64',
  ),
  blob(
    'more metadata than one blocklist can hold',
    { link: (json) => json.replace('{', `{"unix-ext:user.a":"${LONG_VALUE}",`) },
    'at most one blocklist expected, found 2',
  ),
]

function blob(mistake: string, metadata: NonNullable<Mutation['metadata']>, report: string): Mistake {
  return { mistake, mutation: { metadata }, reports: [report] }
}
