// Restores onto a machine for tests: a real sshd, reached by way of any port.
import { systemClock } from '../../src/base/clock.ts'
import { systemRandomness } from '../../src/base/randomness.ts'
import { restoreToMachine, type MachineJob } from '../../src/engine/restore/outlets/restore-to-machine.ts'
import type { RestoreReport } from '../../src/engine/restore/restore-job.ts'
import { sshReceiver } from '../../src/receivers/ssh/ssh-receiver.ts'
import { parseSshAddress } from '../../src/ssh/ssh-address.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { keyLogin, shortLimits } from '../ssh/ssh-lab.ts'
import { runContext, type TestBackup } from '../support/run-engine.ts'
import type { Sshd } from '../support/sshd-lab.ts'

export async function restoreOver(
  line: { readonly sshd: Sshd; readonly port?: number },
  what: { readonly backup: TestBackup; readonly to: string },
  changes: Partial<MachineJob> = {},
): Promise<RestoreReport> {
  const { sshd, port = sshd.port } = line
  const login = Object.entries(keyLogin(sshd)).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const path = what.to.split('/').map(encodeURIComponent).join('/')
  const receiver = sshReceiver({
    address: parseSshAddress(`ssh://127.0.0.1:${port}${path}?${login.join('&')}`),
    clock: systemClock,
    randomness: systemRandomness,
    environment: { homeFolder: '/nonexistent' },
    limits: shortLimits,
  })
  const { folder, passphrase, tempFolder } = what.backup
  const target = new LocalTarget({ folder })
  const job: MachineJob = {
    target,
    receiver,
    prefix: 'duplicati',
    passphrase,
    version: { number: 0 },
    patterns: [],
    keepWholePaths: false,
    overwrite: false,
    restorePermissions: true,
    skipMetadata: false,
    tempFolder,
    dryRun: false,
    ...changes,
  }
  try {
    await target.open({ create: false }, new AbortController().signal)
    return await restoreToMachine(job, runContext({}))
  } finally {
    await receiver.close()
  }
}
