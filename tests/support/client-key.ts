// Login keys made for a test or the demo. ssh2 1.17 writes about one Ed25519 key in 256 in a form that it cannot read
// back itself, so each is read before it is given out.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2 from 'ssh2'

export interface KeyPair {
  readonly private: string
  /** A line as in authorized_keys. */
  readonly public: string
}

interface Sealing {
  readonly passphrase: string
  readonly cipher: string
  readonly rounds: number
}

/** An Ed25519 key, in OpenSSH's form; encrypted if `sealing` says how. */
export function newKeyPair(sealing?: Sealing): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', sealing)
    if (!(ssh2.utils.parseKey(pair.private, sealing?.passphrase) instanceof Error)) return pair
  }
}

/** The same in a file of the folder. */
export function newClientKey(folder: string): { readonly file: string; readonly publicKey: string } {
  const pair = newKeyPair()
  const file = join(folder, 'login-key')
  writeFileSync(file, pair.private, { mode: 0o600 })
  return { file, publicKey: pair.public }
}
