import { spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareTrees, describeTree } from './describe-tree.ts'
import { tempFolder } from './temp-folder.ts'
import { awkwardTree, manyFiles } from './trees.ts'

describe('the trees of tests', () => {
  it('are the same when made twice, but for times', () => {
    const [one, two] = [tempFolder(), tempFolder()]
    for (const folder of [one, two]) {
      awkwardTree(folder)
      manyFiles(join(folder, 'many'), 120)
    }
    expect(compareTrees(one, two, { ignore: ['mtimeNs'] })).toEqual([])
    expect(describeTree(one).length).toBeGreaterThan(200)
    expect(new Set(describeTree(one).map((entry) => entry.type))).toEqual(
      new Set(['file', 'folder', 'link', 'pipe', 'socket']),
    )
  })

  it('are the same as their copy by another program', () => {
    const source = join(tempFolder(), 'source')
    awkwardTree(source)
    const copy = join(tempFolder(), 'copy')
    expect(spawnSync('cp', ['-a', source, copy]).status).toBe(0)
    expect(compareTrees(source, copy)).toEqual([])
  })

  it('show each difference as a sentence', () => {
    const [one, two] = [tempFolder(), tempFolder()]
    for (const folder of [one, two]) {
      mkdirSync(join(folder, 'd'))
      for (const name of ['content', 'mode', 'moved']) writeFileSync(join(folder, 'd', name), name)
    }
    appendFileSync(join(two, 'd/content'), '!')
    chmodSync(join(two, 'd/mode'), 0o600)
    renameSync(join(two, 'd/moved'), join(two, 'd/elsewhere'))
    expect(compareTrees(one, two, { ignore: ['mtimeNs', 'sha256'] })).toEqual([
      '"d/content": size is 8, not 7',
      '"d/mode": mode is 600, not 644',
      '"d/moved": missing (file)',
      '"d/elsewhere": too many (file)',
    ])
  })
})
