import { describe, expect, it } from 'vitest'
import { parsedLine as parsed, program } from '../../tests/support/parsed-line.ts'
import { parseCommandLine } from './command-line.ts'
import { commandsFor } from './commands/all.ts'
import { optionTable } from './option-table.ts'

function code(...argv: string[]): unknown {
  try {
    parseCommandLine(argv, program)
  } catch (error) {
    return error
  }
  return undefined
}

describe('a command line', () => {
  it('is a command, its arguments and its options, in any order and case', () => {
    const line = parsed('Backup', '--DBPath=/x', 'file:///t', '--dry-run', '/a', '/b')
    expect(line).toMatchObject({ command: 'backup', args: ['file:///t', '/a', '/b'] })
    expect([...line.options]).toEqual([
      ['dbpath', '/x'],
      ['dry-run', ''],
    ])
  })

  it('drops one pair of quotes around a value, and takes the last of several', () => {
    expect(parsed('list', 't', '--prefix="a"', '--prefix=""b""').options.get('prefix')).toBe('"b"')
  })

  it('takes the last word on a flag, be it on or off', () => {
    const last = (...words: string[]): boolean =>
      parsed('backup', 't', '/a', ...words).options.has('no-encryption')
    expect(last('--no-encryption', '--no-encryption=false')).toBe(false)
    expect(last('--no-encryption=false', '--no-encryption')).toBe(true)
  })

  it('leaves values and what follows -- exactly as they were typed', () => {
    expect(parsed('list', 't', '--passphrase', 'Se-Cret=X').options.get('passphrase')).toBe('Se-Cret=X')
    expect(parsed('list', 't', '--passphrase=--Secret').options.get('passphrase')).toBe('--Secret')
    expect(parsed('restore', 't', '--', '--Weird', '-1').args).toEqual(['t', '--Weird', '-1'])
  })

  it('never takes an option for the value of another, nor an empty value', () => {
    for (const words of [['--dbpath', '--dry-run'], ['--dbpath'], ['--dbpath='], ['--dbpath=""']]) {
      const what = '--dbpath needs a value'
      expect(code('backup', 't', '/a', ...words)).toMatchObject({ code: 'BadOption', what })
    }
  })

  it('keeps filters of both kinds in the order in which they were typed', () => {
    const words = [
      '--exclude=*.a',
      '--include',
      '*.b',
      'backup',
      't',
      '--Exclude="c d"',
      '/s',
      '--include=*.a',
    ]
    expect(parsed(...words).repeated).toEqual([
      { name: 'exclude', value: '*.a' },
      { name: 'include', value: '*.b' },
      { name: 'exclude', value: 'c d' },
      { name: 'include', value: '*.a' },
    ])
    expect(code('list', 't', '--exclude=*.a')).toMatchObject({ code: 'BadOption', subject: 'exclude' })
  })

  it('takes options before the command', () => {
    expect(parsed('--json', 'LIST', 't')).toMatchObject({ command: 'list', args: ['t'] })
  })

  it('never repeats the value of an option it does not know', () => {
    expect(code('list', 't', '--passphrse=SECRET')).toMatchObject({
      what: expect.not.stringContaining('SECRET') as string,
    })
  })

  it('switches flags on and off by value', () => {
    expect(parsed('restore', 't', '--overwrite=false').options.has('overwrite')).toBe(false)
    expect(parsed('restore', 't', '--overwrite=yes').options.has('overwrite')).toBe(true)
    expect(parsed('backup', 't', '/a', '--no-encryption').options.has('no-encryption')).toBe(true)
    expect(parsed('backup', 't', '/a').options.has('no-encryption')).toBe(false)
  })

  it('knows every option of the table in the commands that take it', () => {
    for (const row of optionTable) {
      // Names a file, which has a test of its own.
      if (row.name === 'parameters-file') continue
      const command = row.commands?.[0] ?? 'list'
      const word = row.kind === 'flag' ? `--${row.name}` : `--${row.name}=1`
      const { options, repeated } = parsed(command, 't', 'x', word)
      const value = row.repeats ? repeated[0]?.value : options.get(row.name)
      expect(value).toBe(row.kind === 'flag' ? '' : '1')
    }
  })

  it('knows the other names of an option', () => {
    expect(parsed('backup', 't', '/a', '--remote-volume-size=10mb').options.get('dblock-size')).toBe('10mb')
  })

  it('refuses what it does not know, with what may have been meant', () => {
    expect(code('backup', 't', '/a', '--dbpaht=/x')).toMatchObject({
      code: 'BadOption',
      what: expect.stringContaining('--dbpath') as string,
    })
    expect(code('bakup', 't', '/a')).toMatchObject({ code: 'BadArguments' })
    expect(code('backup', 't')).toMatchObject({ code: 'BadArguments' })
    expect(code('list', 't', '--overwrite')).toMatchObject({
      code: 'BadOption',
      what: '--overwrite is not an option of list: it belongs to restore',
    })
    // A file that somebody wants left out must not come back.
    expect(code('restore', 't', '--exclude=*.log')).toMatchObject({ code: 'BadOption' })
    expect(code('help', 'frobnicate')).toMatchObject({
      code: 'BadArguments',
      what: 'there is no command "frobnicate"',
    })
  })

  it('refuses options of Duplicati that do nothing yet by name', () => {
    expect(code('backup', 't', '/a', '--auto-vacuum')).toMatchObject({
      code: 'BadOption',
      what: '--auto-vacuum is not supported yet',
    })
  })

  it('gives help and version as text', () => {
    expect(parseCommandLine([], program)).toContain('Usage: pullback')
    expect(parseCommandLine(['help', 'restore'], program)).toContain('--restore-path')
    expect(parseCommandLine(['HELP', 'Restore'], program)).toContain('--restore-path')
    expect(parseCommandLine(['restore', '--help'], program)).toContain('Example:')
    expect(parseCommandLine(['--version'], program)).toBe('Pullback 1.2.3\n')
    expect(parseCommandLine(['version'], program)).toBe('Pullback 1.2.3\n')
  })

  it('needs a command alone when its name comes first, else all of them', async () => {
    for (const command of program.commands) {
      expect(await commandsFor(command.name.toUpperCase())).toEqual([command])
      for (const alias of command.aliases ?? [])
        expect(await commandsFor(alias)).toHaveLength(program.commands.length)
    }
    for (const word of [undefined, 'help', '--dry-run', 'toString', 'bakcup'])
      expect(await commandsFor(word)).toHaveLength(program.commands.length)
  })
})
