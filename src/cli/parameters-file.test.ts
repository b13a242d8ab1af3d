import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parsedLine } from '../../tests/support/parsed-line.ts'
import { tempFolder } from '../../tests/support/temp-folder.ts'
import type { CommandLine } from './commands/command.ts'

function fileOf(...lines: string[]): string {
  const file = join(tempFolder(), 'parameters')
  writeFileSync(file, lines.join('\n'))
  return file
}

function parsed(file: string, ...words: string[]): CommandLine {
  return parsedLine('backup', 't', '/a', `--parameters-file=${file}`, ...words)
}

describe('a parameters file', () => {
  it('holds options and filters, one a line, with notes between them', () => {
    const file = fileOf('# ours', '--dbpath=/x y', '', '  --dry-run', '+*/keep/', '-*.tmp\r', '--exclude=/b')
    const { options, repeated } = parsed(file)
    expect(options.get('dbpath')).toBe('/x y')
    expect(options.has('dry-run')).toBe(true)
    expect(repeated).toEqual([
      { name: 'include', value: '*/keep/' },
      { name: 'exclude', value: '*.tmp' },
      { name: 'exclude', value: '/b' },
    ])
  })

  it('gives way to what was typed', () => {
    const { options } = parsed(fileOf('--dbpath=/x', '--dry-run'), '--dbpath=/y', '--dry-run=false')
    expect(options.get('dbpath')).toBe('/y')
    expect(options.has('dry-run')).toBe(false)
  })

  it.each([
    ['with a word that is no option', ['--dry-run', 'SECRET']],
    ['with an option that lacks its value', ['--dbpath']],
    ['with an option that would take the next line', ['--passphrase', '--SECRET']],
    ['with an option that there is not', ['--passphrse=SECRET']],
    ['that names another', ['--parameters-file=/SECRET']],
  ])('%s is refused without telling what it holds', (_name, lines) => {
    const refused = expect.objectContaining({
      code: 'BadOption',
      what: expect.not.stringContaining('SECRET') as string,
    }) as Error
    const file = fileOf(...lines)
    expect(() => parsed(file)).toThrow(refused)
    expect(() => parsed(`${file}-missing`)).toThrow(refused)
  })

  it('is refused when there are filters in it and on the command line', () => {
    const file = fileOf('-*.tmp')
    expect(() => parsed(file, '--include=*.tmp')).toThrow(expect.objectContaining({ code: 'BadOption' }))
    expect(parsed(file, '--dry-run').repeated).toHaveLength(1)
  })
})
