// Names and writing rules of the volumes that a run adds to a backup. Names are random, so that none is ever used
// twice.
import { PullbackError } from '../../base/errors.ts'
import { randomHex } from '../../base/randomness.ts'
import { formatVolumeName } from '../../format/volume-name.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'
import type { MatchedSet } from './open-set.ts'

const lastVersionMs = Date.UTC(9999, 11, 31, 23, 59, 59)

export function newBlockVolumeName(open: MatchedSet, kind: 'dblock' | 'dindex'): string {
  const id = randomHex(open.run.randomness, 16)
  return formatVolumeName({ prefix: open.set.prefix, kind, id, ...extensionsOf(open) })
}

/** `FormatUnsupported` after the last second that a name can say: somebody has dated a version there. */
export function dlistName(open: MatchedSet, timeMs: number): string {
  if (timeMs > lastVersionMs) {
    throw new PullbackError('FormatUnsupported', {
      what: `a version of ${open.set.target.label} is dated at the end of the year 9999, and none can follow it`,
      subject: open.set.target.label,
      meaning: 'No new version was written; earlier versions are untouched.',
      advice:
        'Look at who wrote that version, and move its file list (…-99991231T235959Z.dlist.…) elsewhere.',
    })
  }
  return formatVolumeName({ prefix: open.set.prefix, kind: 'dlist', timeMs, ...extensionsOf(open) })
}

export function profileOf({ set, run }: MatchedSet, blocksize: number): VolumeProfile {
  const { passphrase, level, appVersion } = set
  return { blocksize, passphrase, level, appVersion, createdMs: run.clock.nowMs() }
}

function extensionsOf({ set }: MatchedSet): { compression: string; encryption?: string } {
  return set.passphrase === undefined ? { compression: 'zip' } : { compression: 'zip', encryption: 'aes' }
}
