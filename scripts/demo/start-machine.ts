// The machine of the demo: an SSH server inside this process, on the loopback, that shows a folder as its whole disk.
import { writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { newKeyPair } from '../../tests/support/client-key.ts'
import { startSftpServer } from '../../tests/support/sftp-server/start-sftp-server.ts'

export interface Machine {
  readonly host: string
  readonly port: number
  readonly user: string
  /** Files that were opened for reading so far. */
  readonly filesOpened: () => number
  readonly close: () => Promise<void>
}

/** Starts it, and writes a login key, the known_hosts line and a passphrase into `output`. */
export async function startMachine(tree: string, output: string): Promise<Machine> {
  const user = userInfo().username
  const key = newKeyPair()
  const server = await startSftpServer({ root: tree, users: [{ name: user, publicKeys: [key.public] }] })
  const write = (name: string, text: string): void => writeFileSync(join(output, name), text, { mode: 0o600 })
  write('login-key', key.private)
  write('known_hosts', `${server.hostKeyLine}\n`)
  write('passphrase', 'correct horse battery staple\n')
  return {
    host: server.host,
    port: server.port,
    user,
    filesOpened: () => server.requests.get('OPEN') ?? 0,
    close: () => server.close(),
  }
}
