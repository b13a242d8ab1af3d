// Filters as people type them: what `test-filters` says is what a backup then holds.
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { expectSound } from '../support/strict-checker/check-backup.ts'
import { tempFolder } from '../support/temp-folder.ts'

const program = join(import.meta.dirname, '../../pullback')

interface Here {
  readonly folder: string
  readonly tree: string
  readonly run: (...args: string[]) => { status: number | null; stdout: string; stderr: string }
}

function here(): Here {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  const paths = [
    'a.txt',
    'b.tmp',
    'cache/x',
    'deep/er/c.txt',
    'deep/d.tmp',
    'empty/e.tmp',
    'tagged/CACHEDIR.TAG',
  ]
  for (const path of paths) {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), path)
  }
  symlinkSync('a.txt', join(tree, 'link'))
  const env = { ...process.env, PULLBACK_DATA: join(folder, 'data'), TMPDIR: folder }
  const run = (...args: string[]): ReturnType<Here['run']> => {
    const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  return { folder, tree, run }
}

function rulesFor(tree: string): string[] {
  return [`--exclude=${tree}/cache/`, '--include=*/a.txt', '--exclude=*.tmp', '--exclude-empty-folders']
}

it('test-filters tells each path with the rule that decided, and how much that is', () => {
  const { tree, run } = here()
  const { status, stdout, stderr } = run('test-filters', tree, ...rulesFor(tree))
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const [lines = '', sums = ''] = stdout.split('\n\n')
  const cut = lines.split('\n').map((line) => line.replace(tree, ''))
  expect(cut).toEqual([
    '+ /\tnamed as a source',
    '+ /a.txt\t2: include */a.txt',
    '- /b.tmp\t3: exclude *.tmp',
    `- /cache/\t1: exclude ${tree}/cache/`,
    '+ /link\tdefault',
    '- /deep/d.tmp\t3: exclude *.tmp',
    '+ /deep/\tholds something that is kept',
    '+ /deep/er/\tholds something that is kept',
    '+ /deep/er/c.txt\tdefault',
    '- /empty/\t--exclude-empty-folders',
    '- /empty/e.tmp\t3: exclude *.tmp',
    '- /tagged/\t--ignore-filenames',
  ])
  expect(sums).toContain('Kept      2 files, 3 folders, 1 link')
  expect(sums).toContain('Left out  3 files, 3 folders, 0 links')
  expect(sums).toContain('3: exclude *.tmp decided on 3 entries')
})

it('as JSON it is one object a line, the result at the end', () => {
  const { tree, run } = here()
  const { status, stdout } = run('test-filters', '--json', tree, '--exclude=*.tmp')
  const lines = stdout.trim().split('\n')
  const objects = lines.map((line): unknown => JSON.parse(line))
  expect(objects).toContainEqual({
    path: `${tree}/b.tmp`,
    kind: 'file',
    sizeBytes: 5,
    isKept: false,
    rule: { kind: 'exclude', pattern: '*.tmp', number: 1 },
  })
  expect(objects.at(-1)).toMatchObject({
    command: 'test-filters',
    outcome: 'success',
    report: { kept: { files: 3 }, leftOut: { files: 3, folders: 1 }, filters: [{ decided: 3 }] },
  })
  expect(status).toBe(0)
})

it('a backup holds what test-filters said it would, and counts what it left out', async () => {
  const { folder, tree, run } = here()
  const file = join(folder, 'parameters')
  writeFileSync(file, ['# what we keep', '--no-encryption', ...rulesFor(tree)].join('\n'))
  const told = run('test-filters', tree, ...rulesFor(tree)).stdout
  const { status, stdout } = run('backup', join(folder, 'backup'), tree, `--parameters-file=${file}`)
  expect(status).toBe(0)
  expect(stdout).toContain('Left out  by filters: 3 files, 3 folders, 0 links')
  const held: string[] = []
  const eachEntry = ({ path }: { path: string }): number => held.push(path)
  await expectSound(join(folder, 'backup'), { written: 'pullback', eachEntry })
  const kept = told.matchAll(/^\+ (.*)\t/gm).map((found) => found[1])
  expect(new Set(held)).toEqual(new Set(kept))
})

it('a filter that cannot be read ends the run before it begins', () => {
  const { folder, tree, run } = here()
  for (const command of [['test-filters'], ['backup', join(folder, 'backup'), '--no-encryption']]) {
    const { status, stderr } = run(...command, tree, '--exclude=cache')
    expect(status).toBe(200)
    expect(stderr).toContain('write */cache')
  }
})
