// Trees of very many small files, in folders of 50 to 100 as people have them, two levels deep.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dice } from './dice.ts'

const foldersInOne = 1000

interface Making {
  readonly folder: string
  readonly dice: Dice
  readonly files: number
  readonly writtenAtSeconds: number
}

/** Fills an empty folder; `content` is asked file by file. */
export function makeFiles(making: Making, content: (index: number) => Uint8Array): void {
  const { dice, files, writtenAtSeconds } = making
  for (let index = 0, number = 0; index < files; number += 1) {
    const folder = join(making.folder, `a${Math.floor(number / foldersInOne)}`, `b${number % foldersInOne}`)
    mkdirSync(folder, { recursive: true })
    for (let room = 50 + dice.below(51); room > 0 && index < files; room -= 1, index += 1) {
      const path = join(folder, `f${index}.txt`)
      writeFileSync(path, content(index))
      utimesSync(path, writtenAtSeconds, writtenAtSeconds)
    }
  }
}
