// A private folder for files on their way: volumes before they are sent, volumes that were fetched. Whatever an earlier
// run left in it is removed when it is opened, all of it when it is closed.
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PullbackError } from '../base/errors.ts'
import { spoolCall } from './volumes/write-volume-file.ts'

export class Spool {
  readonly folder: string

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
    for (const left of readdirSync(folder)) rmSync(join(folder, left), { recursive: true, force: true })
    return new Spool(folder)
  }

  /** A folder of a new random name inside `parent`. */
  static scratch(parent: string): Spool {
    spoolCall(parent, () => mkdirSync(parent, { recursive: true }))
    return new Spool(spoolCall(parent, () => mkdtempSync(join(parent, 'pullback-'))))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  remove(path: string): void {
    spoolCall(path, () => rmSync(path, { force: true }))
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
