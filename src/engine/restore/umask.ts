// The permission bits that this process takes off whatever it makes. Node's own call sets the mask to read it, which
// other threads would notice; Linux tells it in /proc.
import { readFileSync } from 'node:fs'
import { systemCode } from '../../base/errors.ts'

const usualUmask = 0o022

export function currentUmask(): number {
  try {
    const found = /^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))
    return found ? Number.parseInt(found[1] ?? '', 8) : usualUmask
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return usualUmask
  }
}
