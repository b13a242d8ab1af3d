// The borders between the rooms of the house. Import cycles are the linter's (import/no-cycle).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { borderFault, floorOf } from './border.ts'
import { importsOf } from './imports.ts'
import { parse, projectFolder, sourceFiles } from './project-files.ts'
import { packageRooms, rooms } from './rooms.ts'

describe('the borders', () => {
  it('are kept by every file', () => {
    const faults = sourceFiles()
      .filter((file) => file.path.startsWith('src/'))
      .flatMap((file) => importsOf(file).map((imported) => borderFault(file.path, imported)))
    expect(faults.filter((fault) => fault !== undefined)).toEqual([])
  })

  it.each([
    ['src/format/zip.ts', '../ssh/connect.ts', 'format may import only base'],
    [
      'src/engine/backup/run.ts',
      '../../targets/local/local-target.ts',
      'engine may import only index-db, format',
    ],
    ['src/targets/sftp/x.ts', '../../sources/source.ts', 'targets may import only ssh, base'],
    ['src/usecases/x.ts', '../cli/print.ts', 'usecases may import only every room below'],
    ['src/base/x.ts', '../../tests/support/x.ts', 'it lies outside src/'],
    ['src/format/zip.ts', 'node:fs', 'format may use only node:buffer'],
    ['src/engine/x.ts', 'ssh2', 'the package ssh2 belongs to ssh'],
    ['src/cli/x.ts', 'chalk', 'the package chalk has no room yet'],
    ['src/attic/x.ts', './y.ts', 'lies in no room'],
  ])('stop %s from importing %s', (path, imported, rule) => {
    expect(borderFault(path, imported)).toContain(rule)
  })

  it.each([
    ['src/format/zip.ts', '../base/errors.ts'],
    ['src/format/zip.ts', './names.ts'],
    ['src/engine/backup/run.ts', '../../targets/target.ts'],
    ['src/engine/backup/run.test.ts', '../../targets/memory/memory-target.ts'],
    ['src/engine/backup/run.test.ts', '../../../tests/support/tree.ts'],
    ['src/targets/suite.ts', 'vitest'],
    ['src/ssh/connect.ts', 'ssh2'],
    ['src/main.ts', './cli/program.ts'],
  ])('let %s import %s', (path, imported) => {
    expect(borderFault(path, imported)).toBeUndefined()
  })

  it('see every way to import', () => {
    const text = `
      import { a } from './a.ts'
      import type { B } from './b.ts'
      export { c } from './c.ts'
      export * from './d.ts'
      const e = await import('./e.ts')
      type F = import('./f.ts').F
      new Worker(new URL('./g.ts', import.meta.url))
      // import { h } from './h.ts'
      const i = "import { i } from './i.ts'"
    `
    const seen = importsOf(parse({ path: 'src/x.ts', text }))
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `./${name}.ts`))
  })
})

describe('the table of rooms', () => {
  it('lets a room import only from floors below its own', () => {
    for (const [name, room] of Object.entries(rooms)) {
      if (room.mayImport === 'every room below') continue
      for (const allowed of room.mayImport) {
        expect(floorOf(allowed.split('/')[0] ?? ''), `${name} → ${allowed}`).toBeLessThan(room.floor)
      }
    }
  })

  it('gives a room to each package that the product needs, and to no other', () => {
    const { dependencies } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'))
    expect(Object.keys(packageRooms).sort()).toEqual(Object.keys(dependencies).sort())
  })
})

describe('the strict checker', () => {
  it('shares no code with what it checks', () => {
    const imports = sourceFiles()
      .filter((file) => file.path.startsWith('tests/support/strict-checker/'))
      .flatMap(importsOf)
    expect(imports.filter((imported) => imported.includes('/src/'))).toEqual([])
  })
})
