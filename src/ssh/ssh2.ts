// ssh2, loaded when it is first needed: that takes 50 ms, a quarter of the time in which a command starts, and most
// commands reach no machine.
import { createRequire } from 'node:module'
import type * as Ssh2 from 'ssh2'

const require = createRequire(import.meta.url)

export function ssh2(): typeof Ssh2 {
  return require('ssh2') as typeof Ssh2
}
