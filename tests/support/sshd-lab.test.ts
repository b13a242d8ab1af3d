import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { sshdInstalled, startSshd, type Sshd } from './sshd-lab.ts'
import { tempFolder } from './temp-folder.ts'

describe.skipIf(!sshdInstalled())('the sshd of the lab', () => {
  it('logs the key in and serves SFTP, with a known host key of each type', async () => {
    const sshd = await startSshd({ folder: tempFolder(), hostKeyTypes: ['ed25519', 'ecdsa'] })
    const listed = spawnSync(
      'sftp',
      [...sshArguments(sshd), '-P', String(sshd.port), '-b', '-', address(sshd)],
      {
        input: 'ls -d /etc/passwd\n',
        encoding: 'utf8',
      },
    )
    await sshd.close()
    expect(listed.stdout).toContain('/etc/passwd')
    expect(sshd.hostKeyFingerprints).toHaveLength(2)
    expect(sshd.log()).toContain('Accepted publickey')
  })

  it('takes lines of a test, Match blocks too, and can be without SFTP', async () => {
    const extraLines = ['MaxSessions 1', `Match User *`, 'ForceCommand echo forced']
    const sshd = await startSshd({ folder: tempFolder(), extraLines, subsystem: null })
    const said = spawnSync('ssh', [...sshArguments(sshd), '-p', String(sshd.port), address(sshd), 'id'], {
      encoding: 'utf8',
    })
    await sshd.close()
    expect(said.stdout).toBe('forced\n')
  })

  it('ends its sessions when it closes', async () => {
    const sshd = await startSshd({ folder: tempFolder() })
    const client = spawn('ssh', [
      ...sshArguments(sshd),
      '-p',
      String(sshd.port),
      address(sshd),
      'echo up; sleep 600',
    ])
    await once(client.stdout, 'data')
    expect(sshd.sessions().length).toBeGreaterThan(0)
    const exited = once(client, 'exit')
    await sshd.close()
    expect(await exited).toEqual([255, null])
    expect(sshd.sessions()).toEqual([])
  })
})

function address(sshd: Sshd): string {
  return `${sshd.user}@${sshd.host}`
}

function sshArguments(sshd: Sshd): string[] {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `IdentityFile=${sshd.keyFile}`,
  ]
  const all = [...options, `UserKnownHostsFile=${sshd.knownHostsFile}`]
  return ['-F', '/dev/null', ...all.flatMap((option) => ['-o', option])]
}
