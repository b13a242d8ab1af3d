// The trees that are backed up. `small` and `big` follow from the seed alone; `tree` is what this machine's Debian
// installed, so its figures compare only within one run. Each run of a program gets its tree made afresh.
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  existsSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Dice } from './dice.ts'
import { makeFiles } from './many-files.ts'
import { Prose } from './prose.ts'

const mebibyte = 1_048_576
/**
 * When the files of `small` and `big` were last written: long ago, as most files of a machine were. Programs read a
 * file of the last seconds again, because its time cannot tell whether it changed once more.
 */
const writtenAtSeconds = Date.UTC(2024, 0, 1) / 1000

interface Making {
  /** Equal seeds make equal trees. */
  readonly seed: number
  /** How much of `small` and `big` is made: 1 is all. */
  readonly scale: number
}

/** Makers by name; each fills an empty folder. */
export const dataSets = {
  small: makeSmall,
  tree: makeTree,
  big: makeBig,
  '10k': makeTiny(10_000),
  '100k': makeTiny(100_000),
  '1m': makeTiny(1_000_000),
  volumes: makeVolumes,
  photos: makePhotos,
} satisfies Readonly<Record<string, (folder: string, making: Making) => void>>

export type DataSet = keyof typeof dataSets

/** Changes one file in a hundred: a small file gets longer, a big one gets other bytes in its middle. */
export function changeTree(folder: string, seed: number): void {
  const dice = new Dice(`${seed} change`)
  const files = filesBelow(folder)
  for (let left = Math.max(1, Math.floor(files.length / 100)); left > 0; left -= 1) {
    const [file] = files.splice(dice.below(files.length), 1)
    if (!file) return
    if (file.sizeBytes <= 8 * mebibyte) appendFileSync(file.path, dice.bytes(777))
    else overwrite(file.path, dice.bytes(100_000), Math.floor(file.sizeBytes / 2))
  }
}

/** How many regular files a folder holds at any depth, and their bytes. */
export function sizeOf(folder: string): { readonly files: number; readonly bytes: number } {
  const files = filesBelow(folder)
  return { files: files.length, bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0) }
}

/** 10,000 text files in 500 folders, sizes log-normal around 4 KiB and at most 200,000 bytes: about 82 MB. */
function makeSmall(folder: string, { seed, scale }: Making): void {
  const dice = new Dice(`${seed} small`)
  const prose = new Prose(dice, 4000)
  const folders = 500
  for (let index = 0; index < folders; index += 1) mkdirSync(join(folder, numbered('d', index, 3)))
  for (let index = 0; index < 10_000 * scale; index += 1) {
    const sizeBytes = Math.min(200_000, Math.floor(Math.exp(8.3 + 1.2 * dice.normal())))
    const path = join(folder, numbered('d', index % folders, 3), `${numbered('f', index, 5)}.txt`)
    writeFileSync(path, prose.text(sizeBytes))
    utimesSync(path, writtenAtSeconds, writtenAtSeconds)
  }
}

/** Some 25,000 files and links as a package manager leaves them: documents, programs, headers, time zones. */
function makeTree(folder: string): void {
  const installed = ['share/doc', 'share/perl', 'lib/python3', 'include', 'share/zoneinfo']
    .map((path) => join('/usr', path))
    .filter((path) => existsSync(path))
  run('cp', ['-a', '--', ...installed, folder])
  // Links that leave the tree, or lead nowhere in it, mean something else for each program that meets them.
  run('find', [folder, '-type', 'l', '-lname', '/*', '-delete'])
  run('find', [folder, '-xtype', 'l', '-delete'])
}

/** So many text files of some 800 bytes in folders of 50 to 100: the sets of different sizes are alike. */
function makeTiny(files: number): (folder: string, making: Making) => void {
  return (folder, { seed, scale }) => {
    const dice = new Dice(`${seed} tiny`)
    const text = new Prose(dice, 4000).text(mebibyte)
    makeFiles({ folder, dice, files: files * scale, writtenAtSeconds }, (index) => {
      const sizeBytes = Math.min(65_536, Math.floor(Math.exp(6.2 + 1.1 * dice.normal())))
      const at = dice.below(text.length - sizeBytes)
      // The number makes each content one of a kind.
      return Buffer.concat([Buffer.from(`${index}\n`), text.subarray(at, at + sizeBytes)])
    })
  }
}

/** 100,000 files of 10 KB that no compressor makes smaller: in volumes of 1 MB they fill a thousand. */
function makeVolumes(folder: string, { seed, scale }: Making): void {
  const dice = new Dice(`${seed} volumes`)
  makeFiles({ folder, dice, files: 100_000 * scale, writtenAtSeconds }, () => dice.bytes(10_000))
}

/** 100 files of 3 MB as a camera leaves them: their content is compressed already, and their names say so. */
function makePhotos(folder: string, { seed, scale }: Making): void {
  const dice = new Dice(`${seed} photos`)
  for (let index = 0; index < 100 * scale; index += 1) {
    writeFileSync(join(folder, `${numbered('p', index, 3)}.jpg`), dice.bytes(3_000_000))
  }
}

/** Four files of 256 MiB, two of random bytes and two of text. */
function makeBig(folder: string, { seed, scale }: Making): void {
  const dice = new Dice(`${seed} big`)
  const prose = new Prose(dice, 20_000)
  const pieces = Math.ceil(256 * scale)
  for (const name of ['random0.bin', 'random1.bin', 'text0.sql', 'text1.sql']) {
    const file = openSync(join(folder, name), 'wx')
    for (let piece = 0; piece < pieces; piece += 1) {
      writeSync(file, name.startsWith('random') ? dice.bytes(mebibyte) : prose.text(mebibyte))
    }
    futimesSync(file, writtenAtSeconds, writtenAtSeconds)
    closeSync(file)
  }
}

/** In an order that is the same for equal trees. */
function filesBelow(folder: string): { readonly path: string; readonly sizeBytes: number }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path, sizeBytes: lstatSync(path).size }))
}

function overwrite(path: string, bytes: Buffer, at: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}

function numbered(prefix: string, index: number, digits: number): string {
  return prefix + String(index).padStart(digits, '0')
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`)
}
