// The port's own suite, over a real sshd and over the server in this process.
import { chmodSync } from 'node:fs'
import { afterAll, beforeAll, describe } from 'vitest'
import { sourceSuite, type SourceLab } from '../../src/sources/suite.ts'
import { diskTree } from '../../src/sources/suite/disk-tree.ts'
import { startSftpServer, type SftpServer } from '../support/sftp-server/start-sftp-server.ts'
import { sshdInstalled, startSshd, type Sshd } from '../support/sshd-lab.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { keyLogin, password, passwordLogin, sourceAt } from './ssh-lab.ts'

const capabilities = { timeUnitNs: 1_000_000_000n, timesBefore1970: false, largestBytes: 5_000_000 }

describe.skipIf(!sshdInstalled())('OpenSSH', () => {
  let sshd: Sshd | undefined
  beforeAll(async () => {
    sshd = await startSshd({ folder: tempFolder(afterAll) })
  })
  afterAll(async () => sshd?.close())
  sourceSuite(
    'a folder behind OpenSSH',
    async () => {
      const running = sshd
      if (!running) throw new Error('sshd is started before the tests')
      const folder = tempFolder()
      return {
        ...lab(folder, (path) =>
          sourceAt({ port: running.port, path: `${folder}/${path}`, options: keyLogin(running) }),
        ),
        // The superuser may read everything.
        ...(process.getuid?.() === 0
          ? {}
          : { forbid: (path) => chmodSync(`${folder}/${path.toString()}`, 0) }),
      }
    },
    capabilities,
  )
})

describe('the server in this process', () => {
  let server: SftpServer | undefined
  beforeAll(async () => {
    server = await startSftpServer({ users: [{ name: 'ada', password }] })
  })
  afterAll(async () => server?.close())
  sourceSuite(
    'a folder behind a plain SFTP server',
    async () => {
      const running = server
      if (!running) throw new Error('the server is started before the tests')
      const folder = tempFolder()
      return lab(folder, (path) =>
        sourceAt({ port: running.port, path: `${folder}/${path}`, options: passwordLogin(running) }),
      )
    },
    capabilities,
  )
})

function lab(folder: string, connect: (path: string) => ReturnType<SourceLab['connect']>): SourceLab {
  return { tree: diskTree(folder), connect: (path = '') => connect(path), dispose: async () => undefined }
}
