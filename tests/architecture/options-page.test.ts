// The option table and its page agree.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { optionsPage } from '../../scripts/write-options-page.ts'
import { optionTable } from '../../src/cli/option-table.ts'
import { projectFolder } from './project-files.ts'

describe('the option table', () => {
  it('is what docs/options.md shows (npm run docs writes it)', async () => {
    expect(readFileSync(join(projectFolder, 'docs/options.md'), 'utf8')).toBe(await optionsPage())
  })

  it('names each option once', () => {
    const names = optionTable.flatMap((row) => [row.name, ...(row.aliases ?? [])])
    expect(new Set(names).size).toBe(names.length)
  })
})
