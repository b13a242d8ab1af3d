// A small disk that can lose its power: ext4 in a file, mounted through a loop device. The shim cuts the power
// (EXT4_IOC_SHUTDOWN without writing the journal out); what the disk then holds is seen after it is mounted again.
// Only root may mount, and not everywhere: where it cannot be, the tests say so and are skipped.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../src/base/errors.ts'

const diskBytes = 64 * 1024 * 1024

export class CrashDisk {
  /** Where it is mounted. */
  readonly folder: string
  readonly #home: string
  readonly #image: string
  #isMounted = false

  constructor() {
    this.#home = mkdtempSync(join(tmpdir(), 'pullback-disk-'))
    this.#image = join(this.#home, 'image')
    this.folder = join(this.#home, 'disk')
    mkdirSync(this.folder)
    writeFileSync(this.#image, '')
    truncateSync(this.#image, diskBytes)
    run('mkfs.ext4', ['-q', '-F', this.#image])
    this.#mount()
  }

  /** Takes it off and mounts it again: what did not reach it is gone. */
  restart(): void {
    this.#unmount()
    this.#mount()
  }

  remove(): void {
    this.#unmount()
    rmSync(this.#home, { recursive: true })
  }

  #mount(): void {
    run('mount', ['-o', 'loop', this.#image, this.folder])
    this.#isMounted = true
  }

  #unmount(): void {
    if (this.#isMounted) run('umount', [this.folder])
    this.#isMounted = false
  }
}

/** True, and said aloud, where no such disk can be made. */
export function crashDiskMissing(): boolean {
  try {
    new CrashDisk().remove()
    return false
  } catch (error) {
    process.stderr.write(`\nSKIPPED: no disk can be mounted to cut its power: ${messageOf(error)}\n`)
    return true
  }
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr.trim()}`)
}
