// Whole backups over SSH: every awkward kind of entry, from OpenSSH's own server and from the one in this process.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { BackupSource } from '../../src/engine/backup/backup-job.ts'
import { sshSource } from '../../src/sources/ssh/ssh-source.ts'
import { parseSshAddress } from '../../src/ssh/ssh-address.ts'
import { describeTree } from '../support/describe-tree.ts'
import { startLink } from '../support/link.ts'
import { newClientKey } from '../support/client-key.ts'
import { TestBackup } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { startSftpServer } from '../support/sftp-server/start-sftp-server.ts'
import { sshdInstalled, startSshd } from '../support/sshd-lab.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { awkwardTree, contentOf } from '../support/trees.ts'

interface Machine {
  readonly source: (port?: number) => BackupSource
  readonly port: number
  readonly close: () => Promise<void>
}

type StartMachine = (folder: string, tree: string) => Promise<Machine>

const inProcess: StartMachine = async (folder, tree) => {
  const key = newClientKey(folder)
  const server = await startSftpServer({ users: [{ name: 'ana', publicKeys: [key.publicKey] }] })
  const options = `ssh-keyfile=${key.file}&ssh-fingerprint=${encodeURIComponent(server.hostKeyFingerprint)}`
  const source = (port = server.port): BackupSource =>
    sourceAt(`ssh://ana@127.0.0.1:${port}${tree}?${options}`, folder)
  return { source, port: server.port, close: () => server.close() }
}

const openSsh: StartMachine = async (folder, tree) => {
  const sshd = await startSshd({ folder: join(folder, 'sshd') })
  const fingerprint = encodeURIComponent(sshd.hostKeyFingerprints[0] ?? '')
  const options = `ssh-keyfile=${sshd.keyFile}&ssh-fingerprint=${fingerprint}`
  const source = (port = sshd.port): BackupSource =>
    sourceAt(`ssh://${sshd.user}@127.0.0.1:${port}${tree}?${options}`, folder)
  return { source, port: sshd.port, close: async () => sshd.close() }
}

const servers: readonly { name: string; start: StartMachine; isThere: boolean }[] = [
  { name: 'a server in this process', start: inProcess, isThere: true },
  { name: "OpenSSH's sshd", start: openSsh, isThere: sshdInstalled() },
]

describe.each(servers)('a backup from $name', ({ start, isThere }) => {
  it.skipIf(!isThere)('brings every awkward kind of entry back', async () => {
    const { folder, tree } = freshTree()
    awkwardTree(tree)
    const machine = await start(folder, tree)
    const backup = new TestBackup(folder)
    const report = await backup.backUp([machine.source()])
    expect(report.gaps).toEqual([])
    await backup.check()
    expect((await backup.restore(join(folder, 'out'))).failed).toEqual([])
    expectSameTree(tree, join(folder, 'out'), { overSftp: true })
    await machine.close()
  })

  it.skipIf(!isThere)('takes a folder of 5,000 files, and then only the one that changed', async () => {
    const { folder, tree } = freshTree()
    for (let at = 0; at < 5000; at += 1) writeFileSync(join(tree, `f${at}`), String(at))
    const before = describeTree(tree)
    const machine = await start(folder, tree)
    const backup = new TestBackup(folder)
    const later = { nowMs: () => systemClock.nowMs() + 10_000, monotonicMs: () => systemClock.monotonicMs() }
    await backup.backUp([machine.source()])
    appendFileSync(join(tree, 'f77'), ' changed')
    await backup.backUp([machine.source()], { clock: later })
    await backup.check()
    await backup.restore(join(folder, 'old'), { version: { number: 1 } })
    expectSameTree(before, join(folder, 'old'), { overSftp: true })
    await backup.restore(join(folder, 'new'))
    expectSameTree(tree, join(folder, 'new'), { overSftp: true })
    await machine.close()
  })

  it.skipIf(!isThere)('goes on after the line was cut in the middle', async () => {
    const { folder, tree } = freshTree()
    for (let at = 0; at < 300; at += 1) writeFileSync(join(tree, `f${at}`), contentOf(`f${at}`, 20_000))
    writeFileSync(join(tree, 'long'), contentOf('long', 3_000_000))
    const machine = await start(folder, tree)
    const link = await startLink({ port: machine.port, cutAfterBytesDown: 2_000_000 })
    const backup = new TestBackup(folder)
    const report = await backup.backUp([machine.source(link.port)])
    expect(report).toMatchObject({ gaps: [], filesRead: 301 })
    await backup.check()
    await backup.restore(join(folder, 'out'))
    expectSameTree(tree, join(folder, 'out'), { overSftp: true })
    await link.close()
    await machine.close()
  })
})

function freshTree(): { folder: string; tree: string } {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  return { folder, tree }
}

function sourceAt(url: string, homeFolder: string): BackupSource {
  const source = sshSource({ address: parseSshAddress(url), clock: systemClock, environment: { homeFolder } })
  return { source, mountPath: '/machine/tree' }
}
