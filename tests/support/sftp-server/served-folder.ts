// The folder that the test server shows, read-only: client paths become local ones, `lstat` becomes SFTP attributes.
// With a root the folder is shown as a whole machine: links, absolute ones too, are resolved inside it, so nothing
// outside can be reached. Calls are synchronous: the cheapest way to serve many small files from one process.
import { lstatSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs'
import type { Attributes } from './sftp-wire.ts'

/** Changes what the server tells about an entry: owners, times, or a type that an ordinary user cannot make. */
export type AttributeOverride = (path: Buffer, attributes: Attributes) => Partial<Attributes> | undefined

/** Names of users and groups by number, for `users-groups-by-id@openssh.com` and the long listing. */
export interface OwnerNames {
  readonly users: ReadonlyMap<number, string>
  readonly groups: ReadonlyMap<number, string>
}

const slash = 0x2f
const maxLinks = 40

export class ServedFolder {
  readonly #root: Buffer
  readonly #override: AttributeOverride

  constructor(root: string | undefined, override: AttributeOverride = () => undefined) {
    this.#root = Buffer.from((root ?? '').replace(/\/+$/, ''))
    this.#override = override
  }

  /** The absolute form of a client path, `.` and `..` taken out; nothing is looked up. */
  absolute(path: Buffer): Buffer {
    const parts: Buffer[] = []
    for (const part of splitPath(path)) {
      if (part.equals(Buffer.from('..'))) parts.pop()
      else if (part.length > 0 && !part.equals(Buffer.from('.'))) parts.push(part)
    }
    return Buffer.concat([Buffer.from('/'), joinPath(parts)])
  }

  lstat(path: Buffer): Attributes {
    return this.#shown(path, lstatSync(this.local(path, false)))
  }

  stat(path: Buffer): Attributes {
    return this.#shown(path, statSync(this.local(path, true)))
  }

  /** Attributes of an entry whose `Stats` are known already. */
  shown(path: Buffer, stats: Stats): Attributes {
    return this.#shown(path, stats)
  }

  /** The local path of an absolute client path, with links on the way (and at its end, if asked) resolved inside. */
  local(path: Buffer, followLast: boolean): Buffer {
    if (this.#root.length === 0) return path
    return Buffer.concat([this.#root, this.#resolve(path, followLast)])
  }

  /** The absolute client path with every link resolved; a last part that does not exist is kept. */
  realpath(path: Buffer): Buffer {
    return this.#resolve(path, true)
  }

  #resolve(path: Buffer, followLast: boolean): Buffer {
    const todo = splitPath(path).filter((part) => part.length > 0)
    const done: Buffer[] = []
    let links = 0
    for (let part = todo.shift(); part; part = todo.shift()) {
      if (part.equals(Buffer.from('.'))) continue
      if (part.equals(Buffer.from('..'))) {
        done.pop()
        continue
      }
      done.push(part)
      if (todo.length === 0 && !followLast) break
      const target = this.#linkTarget(done)
      if (!target) continue
      links += 1
      if (links > maxLinks) throw Object.assign(new Error('too many links'), { code: 'ELOOP' })
      done.pop()
      if (target[0] === slash) done.length = 0
      todo.unshift(...splitPath(target).filter((one) => one.length > 0))
    }
    return Buffer.concat([Buffer.from('/'), joinPath(done)])
  }

  #linkTarget(parts: readonly Buffer[]): Buffer | undefined {
    const local = Buffer.concat([this.#root, Buffer.from('/'), joinPath(parts)])
    const stats = lstatSync(local, { throwIfNoEntry: false })
    return stats?.isSymbolicLink() ? readlinkSync(local, { encoding: 'buffer' }) : undefined
  }

  #shown(path: Buffer, stats: Stats): Attributes {
    const attributes = {
      size: stats.size,
      uid: stats.uid,
      gid: stats.gid,
      mode: stats.mode,
      atime: Math.floor(stats.atimeMs / 1000),
      mtime: Math.floor(stats.mtimeMs / 1000),
    }
    return { ...attributes, ...this.#override(path, attributes) }
  }
}

function joinPath(parts: readonly Buffer[]): Buffer {
  const pieces = parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.of(slash), part]))
  return Buffer.concat(pieces)
}

/** The path of an entry of a folder, both absolute. */
export function childPath(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 1 ? joinPath([Buffer.alloc(0), name]) : joinPath([folder, name])
}

function splitPath(path: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let start = 0
  for (let end = path.indexOf(slash); end !== -1; end = path.indexOf(slash, start)) {
    parts.push(path.subarray(start, end))
    start = end + 1
  }
  parts.push(path.subarray(start))
  return parts
}

/** The names of this machine's users and groups. */
export function localOwnerNames(): OwnerNames {
  return { users: namesIn('/etc/passwd'), groups: namesIn('/etc/group') }
}

function namesIn(file: string): Map<number, string> {
  const names = new Map<number, string>()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [name, , number] = line.split(':')
    if (name && number && !names.has(Number(number))) names.set(Number(number), name)
  }
  return names
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const typeLetters = new Map([
  [0o010000, 'p'],
  [0o020000, 'c'],
  [0o040000, 'd'],
  [0o060000, 'b'],
  [0o100000, '-'],
  [0o120000, 'l'],
  [0o140000, 's'],
])

/** The line of `ls -l` for an entry, as OpenSSH's server sends it beside each name. */
export function longname(name: Buffer, attributes: Attributes, owners: OwnerNames): Buffer {
  const { mode, uid, gid, size } = attributes
  const bits = [8, 7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (mode & (1 << bit) ? 'xwr'[bit % 3] : '-'))
  const letter = typeLetters.get(mode & 0o170000) ?? '?'
  const user = (owners.users.get(uid) ?? String(uid)).padEnd(8)
  const group = (owners.groups.get(gid) ?? String(gid)).padEnd(8)
  const date = new Date(attributes.mtime * 1000)
  const day = `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.getUTCFullYear()}`
  const line = `${letter}${bits.join('')}    ? ${user} ${group} ${String(size).padStart(8)} ${day.padEnd(12)} `
  return Buffer.concat([Buffer.from(line), name])
}
