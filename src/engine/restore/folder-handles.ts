// How many folders a restore may keep open at once. Each open one saves a walk from the folder restored into; but a
// process that may open few files must have some left for the files themselves.
import { readFileSync } from 'node:fs'
import { systemCode } from '../../base/errors.ts'

/** Of one tree: more saves nothing that could be measured. */
const most = 128
/** A folder and the one that it lies in. */
const fewest = 2
/** Trees of one restore: that of the engine's thread, and one for each thread that writes files. */
const trees = 5
/** Open besides: by Node and its threads some 50, the plan, the volumes, the files that are being written. */
const others = 80

/** For each tree of a restore. Linux tells what a process may have open; elsewhere it is assumed to be enough. */
export function folderHandles(): number {
  const allowed = /^Max open files\s+(\d+)/m.exec(ownLimits())?.[1]
  if (allowed === undefined) return most
  return Math.min(most, Math.max(fewest, Math.floor((Number(allowed) - others) / trees)))
}

function ownLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return ''
  }
}
