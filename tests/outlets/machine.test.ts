// A restore onto another machine, by a real sshd: the tree that was backed up, beside what is there, never through a
// link, and whole again after the line was cut.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { backedUpFiles } from '../support/backed-up-files.ts'
import { describeTree } from '../support/describe-tree.ts'
import { BackupStory, namesIn } from '../support/backup-story.ts'
import { startLink, type Link, type LinkOptions } from '../support/link.ts'
import { TestBackup, testPassphrase } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { sshdInstalled, startSshd, type Sshd } from '../support/sshd-lab.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { awkwardTree, contentOf, manyFiles } from '../support/trees.ts'
import { restoreOver } from './machine-lab.ts'

const program = join(import.meta.dirname, '../../pullback')

describe.skipIf(!sshdInstalled())('a restore onto a machine', () => {
  let sshd: Sshd
  let story: BackupStory

  beforeAll(async () => {
    sshd = await startSshd({ folder: tempFolder(afterAll) })
    story = await BackupStory.tell(tempFolder(afterAll), testPassphrase)
  })
  afterAll(() => sshd.close())

  const linkTo = async (options: Partial<LinkOptions> = {}): Promise<Link> => {
    const link = await startLink({ port: sshd.port, ...options })
    onTestFinished(() => link.close())
    return link
  }
  const leftovers = (folder: string): string[] =>
    describeTree(folder)
      .map(({ path }) => path)
      .filter((path) => path.includes('.pullback-'))

  it('brings back the tree: names as bytes, contents, links, modes, times, empty folders', async () => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    awkwardTree(tree)
    writeFileSync(join(tree, 'long'), contentOf('long', (5 << 20) + 3))
    const backup = new TestBackup(folder)
    await backup.backUp(tree)
    const to = join(tempFolder(), 'not', 'yet there')
    const report = await restoreOver({ sshd }, { backup, to })
    expect(report.failed).toEqual([])
    expectSameTree(tree, to, { overSftp: true })
    expect(leftovers(to)).toEqual([])
    expect(namesIn(backup.tempFolder)).toEqual([])

    const before = describeTree(to)
    const again = await restoreOver({ sshd }, { backup, to })
    expect(again).toMatchObject({ files: 0, putBeside: [], failed: [], alreadyRight: report.files })
    expect(describeTree(to)).toEqual(before)
  })

  it('brings back thousands of small files side by side over a long line', async () => {
    const { folder, tree, backup } = await backedUpFiles(2000)
    const to = join(folder, 'to')
    const link = await linkTo({ oneWayMs: 5 })
    await restoreOver({ sshd, port: link.port }, { backup, to })
    expectSameTree(tree, to, { overSftp: true })
  })

  it('leaves what is there alone, and does not multiply what it puts beside', async () => {
    const to = join(tempFolder(), 'to')
    mkdirSync(join(to, 'run 2', 'many blocks'), { recursive: true })
    writeFileSync(join(to, 'changing'), 'mine')
    symlinkSync('elsewhere', join(to, 'run 2', 'link'))
    const report = await restoreOver({ sshd }, { backup: story.backup, to })
    expect(report.putBeside.map(({ path }) => path).sort()).toEqual([
      '/home/ana/changing',
      '/home/ana/run 2/link',
      '/home/ana/run 2/many blocks',
    ])
    expect(readFileSync(join(to, 'changing'), 'utf8')).toBe('mine')
    expect(readlinkSync(join(to, 'run 2', 'link'))).toBe('elsewhere')
    const beside = report.putBeside.find(({ path }) => path.endsWith('changing'))?.as ?? ''
    expect(readFileSync(join(to, beside)).equals(readFileSync(join(story.tree, 'changing')))).toBe(true)
    const again = await restoreOver({ sshd }, { backup: story.backup, to })
    expect(again).toMatchObject({ files: 0, failed: [] })
    expect(again.putBeside.filter(({ path }) => !path.endsWith('link'))).toEqual([])
  })

  it('replaces files and links that differ when told to, and never a folder', async () => {
    const to = join(tempFolder(), 'to')
    mkdirSync(join(to, 'run 2', 'many blocks'), { recursive: true })
    const outside = join(tempFolder(), 'outside')
    writeFileSync(outside, 'not yours')
    symlinkSync(outside, join(to, 'changing'))
    symlinkSync('elsewhere', join(to, 'run 2', 'link'))
    const report = await restoreOver({ sshd }, { backup: story.backup, to }, { overwrite: true })
    expect(report.putBeside.map(({ path }) => path)).toEqual(['/home/ana/run 2/many blocks'])
    expect(lstatSync(join(to, 'changing')).isFile()).toBe(true)
    expect(readFileSync(outside, 'utf8')).toBe('not yours')
    expect(readlinkSync(join(to, 'run 2', 'link'))).toBe('one block of 2')
  })

  it('never writes through a link: what lies below one is refused, all else comes', async () => {
    const to = join(tempFolder(), 'to')
    const outside = join(tempFolder(), 'outside')
    for (const one of [to, outside]) mkdirSync(one)
    symlinkSync(outside, join(to, 'run 2'))
    const report = await restoreOver({ sshd }, { backup: story.backup, to }, { overwrite: true })
    expect(report.failed.length).toBeGreaterThan(0)
    for (const { path, error } of report.failed) {
      expect(path.startsWith('/home/ana/run 2/')).toBe(true)
      expect(error.what).toContain('is a link')
    }
    expect(namesIn(outside)).toEqual([])
    expect(existsSync(join(to, 'run 3', 'many blocks'))).toBe(true)
  })

  it('never sets the bits that lend the rights of another', async () => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    mkdirSync(tree)
    writeFileSync(join(tree, 'setuid'), 'x')
    chmodSync(join(tree, 'setuid'), 0o6755)
    chmodSync(tree, 0o1777)
    const backup = new TestBackup(folder)
    await backup.backUp(tree)
    const to = join(folder, 'to')
    await restoreOver({ sshd }, { backup, to })
    expect(lstatSync(join(to, 'setuid')).mode & 0o7777).toBe(0o755)
    const kept = join(folder, 'without permissions')
    await restoreOver({ sshd }, { backup, to: kept }, { restorePermissions: false })
    expect(lstatSync(join(kept, 'setuid')).mode & 0o7777).toBe(0o755)
  })

  it('goes on over a new line when one is cut, again and again', async () => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    manyFiles(tree, 300)
    writeFileSync(join(tree, 'long'), contentOf('long', 20 << 20))
    utimesSync(join(tree, 'long'), 1e9, 1e9)
    const backup = new TestBackup(folder)
    await backup.backUp(tree, { changes: { blocksize: 100 * 1024 } })
    for (const cutAfterBytesUp of [50_000, 200_000, 6 << 20, 15 << 20]) {
      const to = join(folder, `to ${cutAfterBytesUp}`)
      const link = await linkTo({ cutAfterBytesUp })
      const report = await restoreOver({ sshd, port: link.port }, { backup, to })
      expect(report.failed).toEqual([])
      expect(link.traffic.connections).toBeGreaterThan(1)
      expectSameTree(tree, to, { overSftp: true })
      expect(leftovers(to)).toEqual([])
    }
  })

  it('that loses the machine says so, and the next run goes on from what is there', async () => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    manyFiles(tree, 200)
    writeFileSync(join(tree, 'long'), contentOf('long', 20 << 20))
    const backup = new TestBackup(folder)
    await backup.backUp(tree, { changes: { blocksize: 100 * 1024 } })
    const to = join(folder, 'to')
    const link = await linkTo()
    const lost = restoreOver({ sshd, port: link.port }, { backup, to })
    let hasEnded = false
    lost.catch(() => (hasEnded = true))
    while (link.traffic.up < 5 << 20 && !hasEnded) await new Promise((resolve) => setImmediate(resolve))
    link.refuse(true)
    link.resetAll()
    await expect(lost).rejects.toMatchObject({
      code: 'ConnectionLost',
      meaning: expect.stringContaining('whole') as string,
    })
    const report = await restoreOver({ sshd }, { backup, to })
    expect(report).toMatchObject({ failed: [], putBeside: [] })
    rmSync(join(to, leftovers(to)[0] ?? 'none'), { force: true })
    expectSameTree(tree, to, { overSftp: true, onlyFiles: true })
  })

  it('does without what only OpenSSH can', async () => {
    const subsystem = '/usr/lib/openssh/sftp-server -P posix-rename,fsync,lsetstat,limits'
    const plain = await startSshd({ folder: tempFolder(), subsystem })
    onTestFinished(() => plain.close())
    const to = join(tempFolder(), 'to')
    mkdirSync(to)
    writeFileSync(join(to, 'changing'), 'mine')
    const report = await restoreOver({ sshd: plain }, { backup: story.backup, to }, { overwrite: true })
    expect(report).toMatchObject({ failed: [], putBeside: [] })
    // The times of links are not to be had without.
    for (const { path, type, sha256, linkTarget } of describeTree(story.tree)) {
      const there = describeTree(to).find((one) => one.path === path)
      expect(there).toMatchObject({
        type,
        ...(sha256 ? { sha256 } : {}),
        ...(linkTarget ? { linkTarget } : {}),
      })
    }
  })

  it('leaves nothing of a file that is damaged', async () => {
    const harmed = story.copy()
    rmSync(harmed.path(harmed.versions[1]?.dblock ?? ''))
    const to = join(tempFolder(), 'to')
    const report = await restoreOver({ sshd }, { backup: harmed.backup, to })
    expect(report.failed.map(({ path }) => path)).toContain('/home/ana/run 2/many blocks')
    expect(existsSync(join(to, 'run 2', 'many blocks'))).toBe(false)
    expect(existsSync(join(to, 'run 3', 'many blocks'))).toBe(true)
    expect(leftovers(to)).toEqual([])
  })

  it('is refused without leave, before anything is asked of the machine', () => {
    const folder = tempFolder()
    const run = (...more: string[]): ReturnType<typeof spawnSync> => {
      const login = `ssh-keyfile=${sshd.keyFile}&ssh-known-hosts=${sshd.knownHostsFile}`
      const url = `ssh://127.0.0.1:${sshd.port}${folder}/to?${login}`
      const args = ['restore', story.backup.folder, `--restore-path=${url}`, '--json', ...more]
      const env = { ...process.env, PASSPHRASE: testPassphrase, TMPDIR: folder }
      return spawnSync(program, args, { env, encoding: 'utf8' })
    }
    const refused = run()
    expect(refused.status).toBe(200)
    expect(JSON.parse(refused.stdout as string)).toMatchObject({
      error: { code: 'BadOption', advice: expect.stringContaining('--allow-restore-to-machine') as string },
    })
    expect(existsSync(join(folder, 'to'))).toBe(false)
    expect(run('--allow-restore-to-machine').status).toBe(0)
    expectSameTree(story.tree, join(folder, 'to'), { overSftp: true })
  })
})
