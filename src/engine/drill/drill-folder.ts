// The private folder that a drill restores into, removed with all in it when the drill is done. What a drill that was
// killed left there is removed by the first that runs a day later.
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { messageOf, systemCode } from '../../base/errors.ts'
import { spoolCall } from '../volumes/spool-call.ts'

const drillName = /^pullback-drill-[A-Za-z0-9]{6}$/
/** A drill that is alive and takes longer than this restores very large files over a very thin line. */
const forgottenAfterMs = 24 * 3600 * 1000

export async function withDrillFolder<T>(
  about: { readonly parent: string; readonly clock: Clock; readonly warnings: string[] },
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const { parent, clock, warnings } = about
  spoolCall(parent, () => mkdirSync(parent, { recursive: true }))
  for (const name of spoolCall(parent, () => readdirSync(parent))) {
    const path = join(parent, name)
    if (drillName.test(name) && isForgotten(path, clock.nowMs())) remove(path, warnings)
  }
  const folder = spoolCall(parent, () => mkdtempSync(join(parent, 'pullback-drill-')))
  try {
    return await work(folder)
  } finally {
    remove(folder, warnings)
  }
}

function isForgotten(folder: string, nowMs: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  return (
    found !== undefined &&
    found.isDirectory() &&
    found.uid === process.getuid?.() &&
    nowMs - found.mtimeMs >= forgottenAfterMs
  )
}

/** Files of the backup lie in it as plain text: that it stays is told. */
function remove(folder: string, warnings: string[]): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    warnings.push(`the folder ${folder} with restored files could not be removed: ${messageOf(error)}`)
  }
}
