// Which dblocks go and which are written anew, by the rules of stock's compaction: what nobody needs goes; volumes with
// much waste and volumes that are small are merged once there is enough of them to be worth the traffic. In one thing
// it differs: stock leaves a single wasteful volume alone, even one that is most of the backup, or that a compaction
// which was cut off has left. Nothing here touches anything.

/** Half of the number at which a new volume is closed. */
const mostBlocksOfSmall = 24_576

export interface CompactRules {
  readonly dblockSizeBytes: number
  /** Waste of a volume, and of all, in percent, from which writing anew is worth it. */
  readonly thresholdPercent: number
  /** A volume of at most this size is small. */
  readonly smallFileSizeBytes: number
  /** More small volumes than this are merged. */
  readonly smallFileMaxCount: number
}

/** A dblock at the destination. */
export interface VolumeState {
  readonly volumeId: number
  readonly name: string
  /** Of the file. */
  readonly sizeBytes: number
  /** Of all blocks in it, and of those that a version needs from here. */
  readonly bytes: number
  readonly neededBytes: number
  readonly neededBlocks: number
}

export type CompactReason = 'unused' | 'wasteful' | 'small'

export interface CompactStep extends VolumeState {
  readonly reason: CompactReason
}

export interface CompactPlan {
  /** Nothing in them is needed: they go as they are. */
  readonly drop: readonly CompactStep[]
  /** What is needed of them is written to new volumes; then they go. Oldest first, wasteful before small. */
  readonly rewrite: readonly CompactStep[]
}

/** Volumes oldest first. */
export function planCompact(volumes: readonly VolumeState[], rules: CompactRules): CompactPlan {
  const drop = volumes.filter((one) => one.neededBlocks === 0)
  const used = volumes.filter((one) => one.neededBlocks > 0)
  const wasteful = used.filter((one) => isWasteful(one, rules))
  const small = used.filter((one) => !wasteful.includes(one) && isSmall(one, rules))
  const isWorthIt = isMuchWaste(wasteful, used, rules) || areManySmall(small, rules)
  return {
    drop: drop.map((one) => ({ ...one, reason: 'unused' })),
    rewrite: isWorthIt
      ? [
          ...steps(wasteful, 'wasteful'),
          ...(small.length > 1 || wasteful.length > 0 ? steps(small, 'small') : []),
        ]
      : [],
  }
}

/** What can be said without knowing which blocks are needed: there are enough small volumes to merge. */
export function areManySmall(small: readonly { readonly sizeBytes: number }[], rules: CompactRules): boolean {
  if (small.length < 2) return false
  const smallBytes = small.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return small.length > rules.smallFileMaxCount || smallBytes > rules.dblockSizeBytes
}

function isWasteful(volume: VolumeState, { thresholdPercent, dblockSizeBytes }: CompactRules): boolean {
  const waste = (volume.bytes - volume.neededBytes) * 100
  return (
    waste > 0 && (waste >= volume.bytes * thresholdPercent || waste >= dblockSizeBytes * thresholdPercent)
  )
}

/** Full of tiny blocks, a volume is small and yet cannot be merged: it is closed at a number of blocks, too. */
function isSmall({ sizeBytes, neededBlocks }: VolumeState, { smallFileSizeBytes }: CompactRules): boolean {
  return sizeBytes <= smallFileSizeBytes && neededBlocks <= mostBlocksOfSmall
}

function isMuchWaste(
  wasteful: readonly VolumeState[],
  used: readonly VolumeState[],
  { thresholdPercent }: CompactRules,
): boolean {
  if (wasteful.length === 0) return false
  const waste = wasteful.reduce((sum, one) => sum + one.bytes - one.neededBytes, 0)
  const all = used.reduce((sum, one) => sum + one.bytes, 0)
  return waste * 100 >= all * thresholdPercent
}

function steps(volumes: readonly VolumeState[], reason: CompactReason): CompactStep[] {
  return volumes.map((one) => ({ ...one, reason }))
}
