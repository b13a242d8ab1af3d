// The differences between a tree and what was restored of it, in everything that the format keeps.
import { compareTrees, describeTree, type DescribedEntry } from './describe-tree.ts'

const nsPerSecond = 1_000_000_000n
const specials = new Set<DescribedEntry['type']>(['socket', 'pipe', 'device'])

export interface SameTreeOptions {
  /** SFTP version 3 has unsigned seconds: what lies before 1970 or after 2106 cannot come over it. */
  readonly overSftp?: boolean
  /** Folders that were there before keep their own modes and times. */
  readonly onlyFiles?: boolean
}

/** As sentences, none if they are the same. The root itself is the user's folder and is not compared. */
export function treeDifferences(
  expected: string | readonly DescribedEntry[],
  restored: string | readonly DescribedEntry[],
  options: SameTreeOptions = {},
): string[] {
  const before = typeof expected === 'string' ? describeTree(expected) : expected
  const inRange = (entry: DescribedEntry): boolean =>
    entry.mtimeNs >= 0n && entry.mtimeNs < 2n ** 32n * nsPerSecond
  const timeless = new Set(
    before.filter((entry) => options.overSftp && !inRange(entry)).map((entry) => entry.path),
  )
  const kept = (entry: DescribedEntry): DescribedEntry => ({
    ...entry,
    mode: entry.mode & 0o777,
    mtimeNs: timeless.has(entry.path) ? 0n : entry.mtimeNs,
  })
  const skip = (entry: DescribedEntry): boolean =>
    specials.has(entry.type) || entry.path === '' || (options.onlyFiles === true && entry.type !== 'file')
  const after = typeof restored === 'string' ? describeTree(restored) : restored
  return compareTrees(before.map(kept), after.map(kept), { skip, timeUnitNs: nsPerSecond })
}
