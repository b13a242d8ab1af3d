// A tree of the suite as a real folder, for adapters that read a disk: this machine's, or a server's that shows it.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { assert } from '../../base/assert.ts'
import type { EntryLook, SourceTree } from '../suite.ts'

export function diskTree(folder: string): SourceTree {
  const at = (path: string | Buffer): Buffer => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path)])
  const made = (path: string | Buffer): Buffer => {
    const whole = at(path)
    mkdirSync(whole.subarray(0, whole.lastIndexOf('/')), { recursive: true })
    return whole
  }
  return {
    writeFile: (path, content, look = {}) => {
      writeFileSync(made(path), content)
      give(at(path), look)
    },
    makeFolder: (path, look = {}) => {
      mkdirSync(at(path), { recursive: true })
      give(at(path), look)
    },
    makeLink: (path, target) => symlinkSync(Buffer.from(target), made(path)),
    makePipe: (path) => run('mkfifo', made(path).toString()),
    remove: (path) => rmSync(at(path), { recursive: true }),
  }
}

function give(path: Buffer, { mode, modifiedNs }: EntryLook): void {
  if (mode !== undefined) chmodSync(path, mode)
  if (modifiedNs === undefined) return
  const isWholeSeconds = modifiedNs % 1_000_000_000n === 0n
  if (isWholeSeconds)
    utimesSync(path, Number(modifiedNs / 1_000_000_000n), Number(modifiedNs / 1_000_000_000n))
  // A number has not enough digits for nanoseconds; a text has.
  else run('touch', '-d', `@${inSeconds(modifiedNs)}`, path.toString())
}

function inSeconds(timeNs: bigint): string {
  const digits = String(timeNs < 0n ? -timeNs : timeNs).padStart(10, '0')
  return `${timeNs < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`
}

function run(program: string, ...argv: string[]): void {
  const { status, stderr } = spawnSync(program, argv, { encoding: 'utf8' })
  assert(status === 0, `${program} works: ${stderr}`)
}
