// A private folder for files on their way: volumes before they are sent, volumes that were fetched. Whatever an earlier
// run left in it is removed when it is opened, all of it when it is closed. A scratch folder has a new name each time:
// what a run that was killed left is removed by the first that makes one a day later.
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { PullbackError, systemCode } from '../base/errors.ts'
import { spoolCall } from './volumes/spool-call.ts'

const scratchName = /^pullback-scratch-[A-Za-z0-9]{6}$/
/** A run that is alive changes its folder with every volume that it fetches. */
const forgottenAfterMs = 24 * 3600 * 1000

export class Spool {
  readonly folder: string
  #fetches = 0

  private constructor(folder: string) {
    this.folder = folder
  }

  /** A folder of this name inside `parent`; the caller makes sure that nobody else uses the name now. */
  static named(parent: string, name: string): Spool {
    const folder = join(parent, name)
    spoolCall(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }))
    const found = spoolCall(folder, () => lstatSync(folder))
    if (
      !found.isDirectory() ||
      (process.getuid && found.uid !== process.getuid()) ||
      (found.mode & 0o077) !== 0
    ) {
      throw new PullbackError('LocalDiskFailed', {
        what: `the folder for temporary files ${folder} is not private to this user`,
        subject: folder,
        advice: 'Remove it, or name another place with --tempdir.',
      })
    }
    const spool = new Spool(folder)
    for (const left of readdirSync(folder)) spool.remove(spool.path(left))
    return spool
  }

  /** A folder of a new random name inside `parent`. */
  static scratch(parent: string, clock: Clock): Spool {
    spoolCall(parent, () => mkdirSync(parent, { recursive: true }))
    for (const name of namesIn(parent)) {
      if (scratchName.test(name)) removeForgotten(join(parent, name), clock.nowMs())
    }
    return new Spool(spoolCall(parent, () => mkdtempSync(join(parent, 'pullback-scratch-'))))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** For a copy of a volume: a new one each time, as two may need the same volume at once. */
  pathForFetched(name: string): string {
    this.#fetches += 1
    return this.path(`fetched-${this.#fetches}-${name}`)
  }

  remove(path: string): void {
    spoolCall(path, () => unlinkSync(path))
  }

  /** What cannot be removed now is left to the next run: what this one did is done. */
  close(): void {
    removeFolder(this.folder, () => true)
  }
}

/** None where the folder cannot be read: then nothing is looked for. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return []
  }
}

/** Removes what a scratch folder can hold, and the folder only if nothing else is in it. */
function removeForgotten(folder: string, nowMs: number): void {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (!found || found.uid !== process.getuid?.() || nowMs - found.mtimeMs < forgottenAfterMs) return
  removeFolder(folder, (name) =>
    /^(plan\.sqlite|index\.sqlite|rebuilt\.sqlite|fetched-|zip-directory$)/.test(name),
  )
}

/** Removes a folder of files, or as much of it as can be. */
function removeFolder(folder: string, isOurs: (name: string) => boolean): void {
  for (const name of namesIn(folder)) if (isOurs(name)) ifPossible(() => unlinkSync(join(folder, name)))
  ifPossible(() => rmdirSync(folder))
}

function ifPossible(call: () => void): void {
  try {
    call()
  } catch (error) {
    if (systemCode(error) === undefined) throw error
  }
}
