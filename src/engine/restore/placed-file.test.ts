import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../../../tests/support/temp-folder.ts'
import { writeBlock } from './placed-file.ts'

const zeros = Buffer.alloc(1 << 20)

it('a block of zeros becomes a hole, before and behind what is written', () => {
  const file = join(tempFolder(), 'file')
  writeBlock(Buffer.from(file), Buffer.from('x'), 2 * zeros.length)
  writeBlock(Buffer.from(file), zeros, 0)
  writeBlock(Buffer.from(file), zeros, 3 * zeros.length)
  const { size, blocks } = statSync(file)
  expect(size).toBe(4 * zeros.length)
  expect(blocks * 512).toBeLessThan(zeros.length)
  const content = readFileSync(file)
  expect(content.indexOf('x')).toBe(2 * zeros.length)
  expect(content.filter((byte) => byte !== 0)).toHaveLength(1)
})

it('a block of zeros takes the place of what an earlier restore left there', () => {
  const file = join(tempFolder(), 'file')
  writeFileSync(file, 'what lies there')
  writeBlock(Buffer.from(file), Buffer.alloc(10), 5)
  expect(readFileSync(file, 'latin1')).toBe('what \0\0\0\0\0\0\0\0\0\0')
})
