// The error catalogue, its page, and the code that throws agree.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorsPage } from '../../scripts/write-errors-page.ts'
import { errorCatalogue } from '../../src/base/error-catalogue.ts'
import { complaints, type Finding } from './exceptions.ts'
import { isTest, projectFiles, projectFolder } from './project-files.ts'

describe('the error catalogue', () => {
  it('is what docs/errors.md shows (npm run docs writes it)', () => {
    expect(readFileSync(join(projectFolder, 'docs/errors.md'), 'utf8')).toBe(errorsPage())
  })

  it('has no code that nothing uses', () => {
    const rule = 'unused error code'
    const product = projectFiles()
      .filter((file) => file.path.startsWith('src/') && !isTest(file.path))
      .map((file) => file.text)
    const unused = Object.keys(errorCatalogue)
      .filter((code) => !product.some((text) => text.includes(`'${code}'`)))
      .map((code): Finding => ({ rule, where: code, sentence: 'is used nowhere in src/; remove it' }))
    expect(complaints([rule], unused)).toEqual([])
  })

  it('speaks in whole sentences', () => {
    const sentences = Object.values(errorCatalogue).flatMap(({ meaning, advice }) => [meaning, advice])
    expect(sentences.filter((sentence) => !/^[A-Z].*\.$/.test(sentence))).toEqual([])
  })
})
