// Compares what was restored with what the machine was when the version was made.
import { compareTrees, describeTree, type DescribedEntry } from '../../tests/support/describe-tree.ts'

const specials = new Set(['socket', 'pipe', 'device'])
const second = 1_000_000_000n
/** SFTP version 3 has 32 bits for a time: what lies before 1970 does not fit. */
const fitsSftp = (entry: DescribedEntry): boolean => entry.mtimeNs >= 0n && entry.mtimeNs < 2n ** 32n * second

/** A sentence for the demo; ends the demo if anything differs. */
export function compareWithRestored(expected: readonly DescribedEntry[], place: string): string {
  const stored = expected.filter((entry) => !specials.has(entry.type))
  const timed = (entry: DescribedEntry): DescribedEntry => ({
    ...entry,
    // The format keeps the nine bits; setuid and its like are never restored by themselves.
    mode: entry.mode & 0o777,
    mtimeNs: outOfRange.has(entry.path) ? 0n : entry.mtimeNs,
  })
  const outOfRange = new Set(stored.filter((entry) => !fitsSftp(entry)).map((entry) => entry.path))
  const differences = compareTrees(stored.map(timed), describeTree(place).map(timed), { timeUnitNs: second })
  if (differences.length > 0) {
    process.stdout.write(
      `   It is NOT the same:\n${differences
        .slice(0, 20)
        .map((line) => `   ${line}\n`)
        .join('')}`,
    )
    process.exit(1)
  }
  const left = expected.length - stored.length
  const what = `${stored.length} entries compared with the machine: bytes, modes, links and times are the same`
  return `${what} (${left} sockets and pipes hold nothing to store).`
}
