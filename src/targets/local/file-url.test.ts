import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOfUrl } from './file-url.ts'

describe('a folder of this machine as a destination', () => {
  it.each([
    ['file:///srv/backup', '/srv/backup'],
    ['FILE:///srv/backup/', '/srv/backup'],
    ['file:/srv/backup', '/srv/backup'],
    ['file://srv/backup', resolve('srv/backup')],
    ['file:///srv/my%20backup%3F', '/srv/my backup?'],
    ['file:///srv/a+b', '/srv/a+b'],
    ['/srv/backup', '/srv/backup'],
    ['/srv/100%20?x=1', '/srv/100%20?x=1'],
    ['backup', resolve('backup')],
    ['../backup', resolve('../backup')],
    ['.', resolve('.')],
  ])('%s is %s', (text, folder) => {
    expect(folderOfUrl(text)).toBe(folder)
  })

  it.each(['', 'file://', 'file:///x?option=1', 'file:///%zz', 'file:///a%00b', 'a\0b', 's3://bucket/x'])(
    '%j is refused',
    (text) => {
      expect(() => folderOfUrl(text)).toThrow(expect.objectContaining({ code: 'BadArguments' }))
    },
  )
})
