// An empty folder where an earlier demo may have left one, with read-only folders in it.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

export function freshFolder(folder: string): void {
  spawnSync('chmod', ['-R', 'u+rwX', '--', folder], { stdio: 'ignore' })
  spawnSync('rm', ['-rf', '--', folder], { stdio: 'inherit' })
  mkdirSync(folder, { recursive: true })
}
