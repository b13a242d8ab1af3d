// `dump` and `zip` as people pipe them: standard output holds the bytes and nothing else, whatever there is to tell.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, afterAll, describe, expect, it } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const program = join(import.meta.dirname, '../../pullback')
const content = contentOf('binary', 3_000_000)

describe('a result in bytes', () => {
  let folder = ''
  let target = ''
  const run = (command: string, ...args: string[]): { code: number | null; out: Buffer; err: string } => {
    const env = { ...process.env, PULLBACK_DATA: folder, TMPDIR: folder, PASSPHRASE: 'p' }
    const { status, stdout, stderr } = spawnSync(program, [command, target, ...args], {
      env,
      maxBuffer: 1 << 26,
    })
    return { code: status, out: stdout, err: stderr.toString() }
  }

  beforeAll(() => {
    folder = tempFolder(afterAll)
    target = join(folder, 'backup')
    const tree = join(folder, 'tree')
    mkdirSync(join(tree, 'sub'), { recursive: true })
    writeFileSync(join(tree, 'sub', 'binary'), content)
    expect(run('backup', tree).code).toBe(0)
  })

  it('is the file itself, and no word is mixed into it', () => {
    const plain = run('dump', 'binary')
    expect(plain).toMatchObject({ code: 0, err: expect.not.stringContaining('binary') as string })
    expect(plain.out.equals(content)).toBe(true)
    const json = run('dump', 'binary', '--json')
    expect(json.out.equals(content)).toBe(true)
    expect(JSON.parse(json.err)).toMatchObject({ outcome: 'success', report: { bytes: content.length } })
  })

  it('is the archive itself, and the report stands beside it', async () => {
    const { code, out, err } = run('zip', '*/sub/', '--output=-')
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('Packed') as string })
    expect((await fromBufferPromise(out)).entryCount).toBe(1)
  })

  it('is nothing at all where the command fails', () => {
    const missing = run('dump', 'no such file', '--json')
    expect({ code: missing.code, out: missing.out.length }).toEqual({ code: 100, out: 0 })
    expect(JSON.parse(missing.err)).toMatchObject({ error: { code: 'NothingMatches' } })
    const folderGiven = run('dump', 'sub')
    expect({ code: folderGiven.code, out: folderGiven.out.length }).toEqual({ code: 200, out: 0 })
    const noOutput = run('zip')
    expect(noOutput).toMatchObject({ code: 200, err: expect.stringContaining('--output=-') as string })
  })

  it('that nobody reads to its end is a failure, and said to be one', () => {
    const env = { ...process.env, PULLBACK_DATA: folder, TMPDIR: folder, PASSPHRASE: 'p' }
    const line = `"${program}" dump "${target}" binary | head -c 1; exit \${PIPESTATUS[0]}`
    const { status, stderr } = spawnSync('bash', ['-c', line], { env, encoding: 'utf8' })
    expect({ status, stderr }).toMatchObject({
      status: 100,
      stderr: expect.stringContaining('OutputFailed') as string,
    })
  })
})
