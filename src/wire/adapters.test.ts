import { describe, expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { systemRandomness } from '../base/randomness.ts'
import { allAdapters } from './adapters.ts'

const adapters = allAdapters({ clock: systemClock, randomness: systemRandomness })
const mountPath = (text: string): string => adapters.source(text, new Map()).mountPath

describe('a source', () => {
  it.each([
    ['/srv/www/', '/srv/www'],
    ['/', '/'],
    ['file:///srv/a%20b', '/srv/a b'],
    ['ssh://ana@web1/srv/www/', '/web1/srv/www'],
    ['ssh://web1:2222/srv', '/web1:2222/srv'],
    ['sftp://web1', '/web1'],
    ['ssh://web1/a//b/./c', '/web1/a/b/c'],
    ['ssh://web1/x?ssh-relative-path', '/web1/~/x'],
    ['ssh://web1?ssh-relative-path', '/web1/~'],
    ['ssh://web1/%ff', '/web1/\uefff'],
    ['@/source/web1/|ssh://web1/srv', '/source/web1'],
    ['@/|/srv', '/'],
  ])('%s appears as %s', (text, path) => {
    expect(mountPath(text)).toBe(path)
  })

  it.each([
    ['ssh://web1/a//b/', '/a/b'],
    ['ssh://web1', '/'],
    ['@/x|ssh://web1/srv', '/srv'],
    ['@/x|/srv', '/srv'],
    ['@/x|ssh://web1/a/../b', undefined],
    ['ssh://web1/x?ssh-relative-path', undefined],
  ])('%s lies at %s on its machine', (text, path) => {
    expect(adapters.source(text, new Map()).machinePath).toBe(path)
  })

  it.each(['ssh://web1/a/../b', 'ssh://../x', '@/a/../b|/srv', '@a|/srv', 'http://web1/x'])(
    '%s is refused, as it could not be restored',
    (text) => {
      expect(() => mountPath(text)).toThrow(expect.objectContaining({ code: 'BadArguments' }) as Error)
    },
  )
})

describe('a destination', () => {
  it('is a folder of this machine', () => {
    expect(adapters.target('file:///srv/backup', new Map()).label).toBe('/srv/backup')
    expect(adapters.target('/srv/backup/', new Map()).label).toBe('/srv/backup')
  })

  it.each([
    ['number-of-retries', '-1'],
    ['number-of-retries', 'many'],
    ['retry-delay', 'soon'],
    ['retry-delay', '2D'],
  ])('is refused with --%s=%s', (name, value) => {
    expect(() => adapters.target('/srv/backup', new Map([[name, value]]))).toThrow(
      expect.objectContaining({ code: 'BadOption', subject: name }) as Error,
    )
  })

  it('of another kind is refused, without a word of what may be its password', () => {
    expect(() => adapters.target('s3://key:canary@bucket/x', new Map())).toThrow(
      expect.objectContaining({
        code: 'BadArguments',
        what: expect.not.stringContaining('canary') as string,
      }) as Error,
    )
  })
})
