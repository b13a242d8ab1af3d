// Names and writing rules of the volumes that a run adds to a backup. Names are random, so that none is ever used
// twice.
import { randomHex } from '../../base/randomness.ts'
import { formatVolumeName } from '../../format/volume-name.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'
import type { MatchedSet } from './open-set.ts'

export function newBlockVolumeName(open: MatchedSet, kind: 'dblock' | 'dindex'): string {
  const id = randomHex(open.run.randomness, 16)
  return formatVolumeName({ prefix: open.set.prefix, kind, id, ...extensionsOf(open) })
}

export function dlistName(open: MatchedSet, timeMs: number): string {
  return formatVolumeName({ prefix: open.set.prefix, kind: 'dlist', timeMs, ...extensionsOf(open) })
}

export function profileOf({ set, run }: MatchedSet, blocksize: number): VolumeProfile {
  const { passphrase, level, appVersion } = set
  return { blocksize, passphrase, level, appVersion, createdMs: run.clock.nowMs() }
}

function extensionsOf({ set }: MatchedSet): { compression: string; encryption?: string } {
  return set.passphrase === undefined ? { compression: 'zip' } : { compression: 'zip', encryption: 'aes' }
}
