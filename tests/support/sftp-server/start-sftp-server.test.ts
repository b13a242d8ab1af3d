// OpenSSH's own client is the judge of the test server: what it reads must be what lies in the folder.
import { spawn } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compareTrees, type DescribedEntry } from '../describe-tree.ts'
import { makeKey } from '../sshd-lab.ts'
import { tempFolder } from '../temp-folder.ts'
import { awkwardTree, manyFiles } from '../trees.ts'
import { readFileSync } from 'node:fs'
import { startSftpServer, type SftpServer, type SftpServerOptions } from './start-sftp-server.ts'

/** What the recursive `get` of OpenSSH cannot bring: it follows or refuses links, and leaves special files out. */
function outsideOfGet(entry: DescribedEntry): boolean {
  const special = !['file', 'folder'].includes(entry.type)
  // Times before 1970 or after 2106 do not fit the 32 bits of SFTP 3.
  const unfit = /^(times|links|special)/.test(entry.path)
  return special || unfit || entry.path === ''
}

it('serves a tree of awkward names, contents and modes to the client of OpenSSH', async () => {
  const source = join(tempFolder(), 'source')
  awkwardTree(source)
  manyFiles(join(source, 'many'), 250)
  const { server, sftp } = await serverAndClient({ root: source })
  const target = join(tempFolder(), 'target')
  const { output } = await sftp(`get -pR /. ${target}`)
  await server.close()
  const differences = compareTrees(source, target, {
    skip: outsideOfGet,
    ignore: ['uid', 'gid', 'mode'],
    timeUnitNs: 1_000_000_000n,
  })
  expect({ differences, output: differences.length > 0 ? output : '' }).toEqual({
    differences: [],
    output: '',
  })
  expect(server.requests.get('OPENDIR')).toBeGreaterThan(20)
})

it('lists owners by the names it is given and entries by the types it is told', async () => {
  const root = tempFolder()
  writeFileSync(join(root, 'disk'), '')
  const { server, sftp } = await serverAndClient({
    root,
    attributes: (path) =>
      path.equals(Buffer.from('/disk')) ? { mode: 0o060660, uid: 7, gid: 8 } : undefined,
    owners: { users: new Map([[7, 'ada']]), groups: new Map([[8, 'disks']]) },
  })
  const { output } = await sftp('ls -l /')
  await server.close()
  expect(output).toMatch(/brw-rw---- .* ada +disks .*disk/)
})

it('keeps links inside its root, absolute ones and climbing ones too', async () => {
  const root = tempFolder()
  mkdirSync(join(root, 'etc'))
  writeFileSync(join(root, 'etc/passwd'), 'inside')
  symlinkSync('/etc/passwd', join(root, 'absolute'))
  symlinkSync('../../../../etc/passwd', join(root, 'climbing'))
  const { server, sftp } = await serverAndClient({ root })
  const target = tempFolder()
  await sftp(`get /absolute ${target}/a\nget /climbing ${target}/c`)
  await server.close()
  expect(readFileSync(join(target, 'a'), 'utf8') + readFileSync(join(target, 'c'), 'utf8')).toBe(
    'insideinside',
  )
})

it('refuses to write, and goes on', async () => {
  const root = tempFolder()
  const { server, sftp } = await serverAndClient({ root })
  const { output, code } = await sftp('-mkdir /new\n-put /etc/hostname /new\nls -a /')
  await server.close()
  expect(code).toBe(0)
  expect(output).toContain('Operation unsupported')
  expect(output).toContain('Permission denied')
})

it('refuses a key it does not know', async () => {
  const { server, sftp } = await serverAndClient({ root: tempFolder() }, { strangerKey: true })
  const { output, code } = await sftp('ls /')
  await server.close()
  expect(code).not.toBe(0)
  expect(output).toContain('Permission denied (publickey,password)')
})

it('cuts the line when it is told to', async () => {
  const { server, sftp } = await serverAndClient({
    root: tempFolder(),
    faults: ({ verb }) => (verb === 'READDIR' ? { do: 'drop', afterBytes: 3 } : undefined),
  })
  const { code } = await sftp('ls /')
  await server.close()
  expect(code).not.toBe(0)
})

it('answers with the status it is told to', async () => {
  const { server, sftp } = await serverAndClient({
    root: tempFolder(),
    faults: ({ verb }) => (verb === 'OPENDIR' ? { do: 'status', code: 4, message: 'Failure' } : undefined),
  })
  const { output } = await sftp('ls /')
  await server.close()
  expect(output).toContain('Failure')
})

interface Client {
  readonly server: SftpServer
  readonly sftp: (commands: string) => Promise<{ code: number | null; output: string }>
}

async function serverAndClient(
  options: Omit<SftpServerOptions, 'users'>,
  { strangerKey = false } = {},
): Promise<Client> {
  const keys = tempFolder()
  const keyFile = makeKey(keys, 'client', 'ed25519')
  const knownKey = strangerKey ? makeKey(keys, 'other', 'ed25519') : keyFile
  const publicKeys = [readFileSync(`${knownKey}.pub`, 'utf8')]
  const server = await startSftpServer({ ...options, users: [{ name: 'bkp', publicKeys }] })
  writeFileSync(join(keys, 'known_hosts'), server.hostKeyLine + '\n')
  const sshOptions = [
    'BatchMode=yes',
    `IdentityFile=${keyFile}`,
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${join(keys, 'known_hosts')}`,
  ].flatMap((option) => ['-o', option])
  const argv = ['-F', '/dev/null', ...sshOptions, '-b', '-', '-P', String(server.port), `bkp@${server.host}`]
  return { server, sftp: (commands) => run('sftp', argv, commands) }
}

function run(
  program: string,
  argv: string[],
  input: string,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += String(bytes)))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input + '\n')
  })
}
