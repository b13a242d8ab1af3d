// The rule of the house for one import: allowed, or a sentence that names file, import and rule.
import { posix } from 'node:path'
import { isTest } from './project-files.ts'
import { packageRooms, rooms, testAdapters } from './rooms.ts'

/** What is wrong with `imported` in the file at `path` (below src/), or undefined. */
export function borderFault(path: string, imported: string): string | undefined {
  const room = roomOf(path)
  if (!rooms[room]) return `${path} lies in no room of the house (tests/architecture/rooms.ts)`
  const rule = imported.startsWith('.')
    ? fileFault(path, posix.join(posix.dirname(path), imported))
    : imported.startsWith('node:')
      ? nodeFault(path, imported)
      : packageFault(path, imported)
  return rule === undefined ? undefined : `${path} imports ${imported}: ${rule}`
}

/** `src/engine/backup/x.ts` → `engine`; `src/main.ts` belongs to the wiring. */
export function roomOf(path: string): string {
  const [, room = ''] = path.split('/')
  return room === 'main.ts' ? 'wire' : room
}

function fileFault(path: string, target: string): string | undefined {
  if (!target.startsWith('src/')) {
    return isTest(path) && target.startsWith('tests/support/') ? undefined : 'it lies outside src/'
  }
  const room = roomOf(path)
  const targetRoom = roomOf(target)
  if (room === targetRoom || mayImport(room, target)) return undefined
  if (isTest(path) && testAdapters.some((adapter) => target.startsWith(`src/${adapter}`))) return undefined
  return `${room} may import only ${allowedFor(room)}`
}

function mayImport(room: string, target: string): boolean {
  const allowed = rooms[room]?.mayImport ?? []
  const targetRoom = roomOf(target)
  if (allowed === 'every room below') return floorOf(targetRoom) < floorOf(room)
  return allowed.includes(targetRoom) || allowed.some((file) => target === `src/${file}`)
}

function nodeFault(path: string, imported: string): string | undefined {
  const room = roomOf(path)
  const allowed = rooms[room]?.nodeModules
  if (allowed === undefined || isTest(path) || allowed.includes(imported)) return undefined
  return `${room} may use ${allowed.length === 0 ? 'no module' : `only ${allowed.join(', ')}`} of Node`
}

function packageFault(path: string, imported: string): string | undefined {
  const name = imported.split('/', imported.startsWith('@') ? 2 : 1).join('/')
  const home = packageRooms[name]
  if (home === undefined) return isTest(path) ? undefined : `the package ${name} has no room yet`
  return home === roomOf(path) ? undefined : `the package ${name} belongs to ${home}`
}

/** For a sentence or a table. */
export function allowedFor(room: string): string {
  const allowed = rooms[room]?.mayImport ?? []
  if (allowed === 'every room below') return allowed
  return allowed.length === 0 ? 'Node' : allowed.join(', ')
}

export function floorOf(room: string): number {
  return rooms[room]?.floor ?? Number.POSITIVE_INFINITY
}
