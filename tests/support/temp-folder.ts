// A folder that lives as long as a test. `rm` does the removing: it copes with names that are not UTF-8, with paths
// longer than PATH_MAX, and (after a chmod) with folders that nobody may enter.
import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

type WhenDone = (remove: () => void) => void

/** A new empty folder, removed at the end of the test; in a `describe` hand in `afterAll`. */
export function tempFolder(whenDone: WhenDone = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'pullback-test-'))
  whenDone(() => removeTree(folder))
  return folder
}

/** Removes a folder with all that is in it, whatever its names and modes. */
function removeTree(folder: string): void {
  const ordinaryUser = process.geteuid?.() !== 0
  if (ordinaryUser) spawnSync('chmod', ['-R', 'u+rwX', '--', folder], { stdio: 'ignore' })
  const removed = spawnSync('rm', ['-rf', '--', folder], { encoding: 'utf8' })
  if (removed.status !== 0) throw new Error(`cannot remove ${folder}: ${removed.stderr}`)
}
