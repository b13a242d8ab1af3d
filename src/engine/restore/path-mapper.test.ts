import { describe, expect, it } from 'vitest'
import { PathMapper } from './path-mapper.ts'

function placed(paths: readonly string[], keepWhole = false): string[] {
  const mapper = new PathMapper(keepWhole)
  for (const path of paths) mapper.learn(path, path.endsWith('/') || path.endsWith('\\') ? 'folder' : 'file')
  return paths.map((path) =>
    Buffer.concat(mapper.place(path).flatMap((part) => [Buffer.from('/'), part])).toString(),
  )
}

describe('places below the restore folder', () => {
  it('put the content of the one folder that was backed up directly into it', () => {
    expect(placed(['/home/u/', '/home/u/a', '/home/u/b/', '/home/u/b/c'])).toEqual(['', '/a', '/b', '/b/c'])
  })

  it('put a single file directly into it', () => {
    expect(placed(['/home/u/a'])).toEqual(['/a'])
  })

  it('keep apart what has nothing in common', () => {
    expect(placed(['/web1/srv/', '/web2/etc/x'])).toEqual(['/web1/srv', '/web2/etc/x'])
  })

  it('keep whole paths when asked', () => {
    expect(placed(['/home/u/', '/home/u/a'], true)).toEqual(['/home/u', '/home/u/a'])
  })

  it('do not take a common beginning of names for a common folder', () => {
    expect(placed(['/s/ab', '/s/abc'])).toEqual(['/ab', '/abc'])
  })

  it('refuse a path that climbs', () => {
    const mapper = new PathMapper(false)
    expect(() => mapper.place('/a/../../etc/passwd')).toThrow(expect.objectContaining({ code: 'PathUnsafe' }))
  })

  it('give back the bytes of names that are not text', () => {
    const mapper = new PathMapper(true)
    expect(mapper.place('/caf\uefe9')).toEqual([Buffer.from('caf\xe9', 'latin1')])
  })
})
