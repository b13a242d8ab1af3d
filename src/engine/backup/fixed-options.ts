// What may not change during a backup's life: its blocksize, its hashes, and whether it is encrypted.
import { PullbackError } from '../../base/errors.ts'
import type { Index } from '../../index-db/open-index.ts'

/** Of a new backup: 1 MiB, as stock Duplicati has had it since 2.1. */
const defaultBlocksize = 1 << 20

/** The blocksize of the backup, which the run must keep to. `OptionFixed` when another one is asked for. */
export function blocksizeOf(index: Index, asked: number | undefined): number {
  // Until a first volume is written, nothing is fixed.
  const fixed = index.volumes.all().length > 0 ? index.setting('blocksize') : undefined
  if (fixed === undefined) {
    const blocksize = asked ?? defaultBlocksize
    index.set('blocksize', String(blocksize))
    return blocksize
  }
  if (asked === undefined || asked === Number(fixed)) return Number(fixed)
  throw new PullbackError('OptionFixed', {
    what: `this backup has a blocksize of ${fixed} bytes, which cannot be changed to ${asked}`,
    subject: 'blocksize',
  })
}
