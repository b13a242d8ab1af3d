// A press whose volumes belong to a set: each pair of dblock and dindex is known to the index before it is begun and
// sent to the destination when it is complete.
import { availableParallelism } from 'node:os'
import { Budget } from '../../base/budget.ts'
import type { OpenPair } from '../crunch/press-lane.ts'
import { VolumePress } from '../crunch/volume-press.ts'
import type { FinishedPair } from '../volumes/volume-pair-writer.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'
import { newBlockVolumeName } from './new-volume.ts'
import type { MatchedSet } from './open-set.ts'
import { uploadVolume } from './upload.ts'

/** As stock's asynchronous-upload-limit: volumes finished and waiting, besides those being filled; uploads at once. */
const maxWaitingPairs = 4
const maxThreads = 4

export function openPress(open: MatchedSet, profile: VolumeProfile): VolumePress {
  const threads = Math.min(maxThreads, Math.max(1, availableParallelism()))
  const uploads = new Budget(maxWaitingPairs)
  return new VolumePress({
    profile,
    dblockSizeBytes: open.set.dblockSizeBytes,
    threads,
    maxPairs: threads + maxWaitingPairs,
    beginPair: () => beginPair(open),
    dropPair: (pair) => open.index.volumes.remove(pair.dblockId),
    sendPair: async (pair, finished) => {
      await uploads.take(1, open.run.giveUp)
      try {
        await sendPair(open, pair, finished)
      } finally {
        uploads.give(1)
      }
    },
  })
}

function beginPair(open: MatchedSet): OpenPair {
  const dblockName = newBlockVolumeName(open, 'dblock')
  const dindexName = newBlockVolumeName(open, 'dindex')
  const dblockId = open.index.volumes.begin(dblockName, 'dblock')
  const { spool } = open
  const names = {
    dblockName,
    dindexName,
    dblockPath: spool.path(dblockName),
    dindexPath: spool.path(dindexName),
  }
  return { names, dblockId }
}

async function sendPair(open: MatchedSet, { names, dblockId }: OpenPair, pair: FinishedPair): Promise<void> {
  await uploadVolume(open, { id: dblockId, name: names.dblockName }, pair.dblock)
  const dindexId = open.index.volumes.begin(names.dindexName, 'dindex', dblockId)
  await uploadVolume(open, { id: dindexId, name: names.dindexName }, pair.dindex)
}
