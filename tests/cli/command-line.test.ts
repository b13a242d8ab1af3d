// The program as people run it: `./pullback` in a process of its own, its output and its exit codes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeTree } from '../support/describe-tree.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { expectSound } from '../support/strict-checker/check-backup.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { awkwardTree, contentOf, manyFiles } from '../support/trees.ts'

const program = join(import.meta.dirname, '../../pullback')
const passphrase = 'from the environment'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

interface Here {
  readonly folder: string
  readonly tree: string
  readonly target: string
  readonly run: (...args: string[]) => Promise<Ended>
}

function here(): Here {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  const environment = { PULLBACK_DATA: join(folder, 'data'), PASSPHRASE: passphrase, TMPDIR: folder }
  const run = (...args: string[]): Promise<Ended> => ended(args, environment).done
  return { folder, tree, target: `file://${join(folder, 'backup')}`, run }
}

function ended(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): { child: ReturnType<typeof spawn>; done: Promise<Ended> } {
  const child = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out = texts.out + text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err = texts.err + text))
  const done = once(child, 'close').then(([code]) => ({ code: code as number | null, ...texts }))
  return { child, done }
}

describe('pullback', () => {
  it('backs up, lists, finds and restores, with an index of its own choosing', async () => {
    const { folder, tree, target, run } = here()
    awkwardTree(tree)
    const first = await run('backup', target, tree)
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('written.') as string })
    await expectSound(join(folder, 'backup'), { written: 'pullback', passphrase })
    const list = await run('list', target)
    expect(list).toMatchObject({ code: 0, err: '' })
    expect(list.out).toMatch(/^0\t\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\t\([\d,]+ files, .*\)\n$/)
    const found = await run('find', target, 'line\nbreak')
    expect(found.out).toContain('line\\nbreak')
    const restored = await run(
      'restore',
      target,
      `--restore-path=${join(folder, 'out')}`,
      '--restore-permissions',
    )
    expect(restored.code).toBe(0)
    expectSameTree(tree, join(folder, 'out'))
  })

  it('ends with 1 when nothing had changed, and with 0 when a version is wanted all the same', async () => {
    const { tree, target, run } = here()
    manyFiles(tree, 3)
    expect((await run('backup', target, tree)).code).toBe(0)
    expect((await run('backup', target, tree)).code).toBe(1)
    expect((await run('backup', target, tree, '--upload-unchanged-backups')).code).toBe(0)
  })

  it('ends with 2 and lists what it could not read', async () => {
    const { folder, tree, target } = here()
    writeFileSync(join(tree, 'readable'), 'x')
    writeFileSync(join(tree, 'secret'), 'x')
    chmodSync(join(tree, 'secret'), 0)
    chmodSync(folder, 0o777)
    const environment = { PULLBACK_DATA: join(folder, 'data'), PASSPHRASE: passphrase, TMPDIR: folder }
    const asNobody =
      process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
    const [command, ...args] = [...asNobody, program, 'backup', target, tree, '--no-progress']
    const child = spawn(command ?? program, args, {
      env: { ...process.env, ...environment, HOME: folder, XDG_CACHE_HOME: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out = out + text))
    const [code] = (await once(child, 'close')) as [number | null]
    expect(out).toContain('Not stored as it should be (1):')
    expect(out).toContain(join(tree, 'secret'))
    expect(code).toBe(2)
  })

  it('prints one JSON object and nothing else when asked to', async () => {
    const { tree, target, run } = here()
    manyFiles(tree, 3)
    const done = await run('backup', target, tree, '--json')
    expect(done.err).toBe('')
    expect(JSON.parse(done.out)).toMatchObject({
      command: 'backup',
      exitCode: 0,
      report: { entries: { files: 3 }, gaps: [], version: { isFull: true } },
    })
    const failed = await run('restore', target, '--version=7', '--json')
    expect(failed).toMatchObject({ code: 100, err: '' })
    expect(JSON.parse(failed.out)).toMatchObject({ exitCode: 100, error: { code: 'VersionMissing' } })
  })

  it('says what is wrong with a command line, and ends with 200', async () => {
    const { target, tree, run } = here()
    const wrong: readonly string[][] = [
      [],
      ['backup'],
      ['backup', target],
      ['backup', target, tree, '--blocksize=tiny'],
      ['backup', target, tree, '--no-encryption', '--passphrase=x'],
      ['backup', 's3://bucket', tree],
      ['restore', target, '--version=0', '--time=now'],
      ['frobnicate'],
    ]
    for (const args of wrong) expect({ args, code: (await run(...args)).code }).toEqual({ args, code: 200 })
  })

  it('gives each failure its id, its sentences, and 100', async () => {
    const { folder, target, tree, run } = here()
    expect(await run('backup', target, join(folder, 'nowhere'))).toMatchObject({
      code: 100,
      err: expect.stringMatching(/ErrorID: SourceMissing\n.*nowhere.*\n/) as string,
    })
    rmSync(join(folder, 'backup'), { recursive: true, force: true })
    expect((await run('list', target)).err).toContain('ErrorID: DestinationMissing')
    await run('backup', target, tree)
    expect((await run('list', target, '--passphrase=other')).err).toContain('ErrorID: PassphraseWrong')
    expect((await run('restore', target, 'no-such-file')).err).toContain('ErrorID: NothingMatches')
  })

  it('keeps the passphrase out of everything it prints', async () => {
    const { tree, target, run } = here()
    for (const args of [
      ['backup', target, tree, '--json'],
      ['restore', target, '--version=9'],
      ['backup', target, `ssh://ana:canary-word@127.0.0.1:1/x`],
    ]) {
      const { out, err } = await run(...args)
      expect(out + err).not.toContain(passphrase)
      expect(out + err).not.toContain('canary-word')
    }
  })

  it('stops in order at Ctrl-C, leaves nothing half done, and goes on the next time', async () => {
    const { folder, tree, target, run } = here()
    for (let at = 0; at < 60; at += 1) writeFileSync(join(tree, `f${at}`), contentOf(`f${at}`, 1_000_000))
    const environment = { PULLBACK_DATA: join(folder, 'data'), PASSPHRASE: passphrase, TMPDIR: folder }
    const args = ['backup', target, tree, '--dblock-size=1mb', '--no-progress']
    const { child, done } = ended(args, environment)
    while (volumesIn(join(folder, 'backup')) < 4) await new Promise((resolve) => setImmediate(resolve))
    child.kill('SIGINT')
    const stopped = await done
    expect(stopped.code).toBe(50)
    expect(stopped.out).toMatch(/^Stopped\. What was stored by then is the version of .* partial/)
    await expectSound(join(folder, 'backup'), { written: 'pullback', passphrase, cutOff: true })
    expect(describeTree(folder).filter((entry) => /tmp-x|pullback-/.test(entry.path))).toEqual([])
    const again = await run(...args)
    expect(again.code).toBe(0)
    await expectSound(join(folder, 'backup'), { written: 'pullback', passphrase, cutOff: true })
    await run('restore', target, `--restore-path=${join(folder, 'out')}`, '--restore-permissions')
    expectSameTree(tree, join(folder, 'out'))
  })
})

function volumesIn(folder: string): number {
  try {
    return readdirSync(folder).filter((name) => name.startsWith('duplicati-')).length
  } catch {
    // Not made yet.
    return 0
  }
}
