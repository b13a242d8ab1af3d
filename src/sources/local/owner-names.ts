// The names of this machine's users and groups, from /etc/passwd and /etc/group, read once. Users of a directory
// service are not in there and keep their number alone: asking for each would take a program of the system.
import { readFileSync } from 'node:fs'
import { systemCode } from '../../base/errors.ts'

export interface OwnerNames {
  readonly users: ReadonlyMap<number, string>
  readonly groups: ReadonlyMap<number, string>
}

export function readOwnerNames(): OwnerNames {
  return { users: namesOf(textOf('/etc/passwd')), groups: namesOf(textOf('/etc/group')) }
}

/** Names by number from lines `name:password:number:…`; of two names for one number the first one counts. */
export function namesOf(text: string): Map<number, string> {
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':')
    if (!name || !number || !/^\d+$/.test(number)) continue
    if (!names.has(Number(number))) names.set(Number(number), name)
  }
  return names
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    // A machine without the file names nobody.
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'EACCES') return ''
    throw error
  }
}
