// The names of files at a destination: which names a file of a backup can have there, and the temporary name that an
// upload bears until it is whole.
//
// The mark of a temporary name is in front. At the end it would not do: Duplicati takes all that follows `.zip.` as
// the name of an encryption, would take `….zip.aes.part` for a volume, and refuses to run beside a volume that it
// does not know. Nor may the sign after `tmp-` be `b` or `i`, which begin the id of a volume.
import { PullbackError } from '../base/errors.ts'
import { type Randomness, randomHex } from '../base/randomness.ts'
import type { TargetFile } from './target.ts'

/** File systems take 255 bytes; the mark of a temporary name needs 14 of them. */
const longestNameBytes = 240

/** Far longer than any upload lasts, so that what is older cannot be one under way. */
const leftoverAgeMs = 7 * 24 * 3600 * 1000

const temporaryPattern = /^tmp-x[0-9a-f]{8}-(.+)$/s

/** What volume names look like from afar, `prefix-rest.extension`: anything else is not ours to remove. */
const volumeShape = /^[^-]+-[^.]+\..+$/

/** True if a file of a backup can have this name: one part of a path, printable, and not a temporary name. */
export function isFileName(name: string): boolean {
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !/[/\p{Cc}\p{Cs}]/u.test(name) &&
    !temporaryPattern.test(name) &&
    Buffer.byteLength(name) <= longestNameBytes
  )
}

/** Throws `DestinationNameUnusable` unless `isFileName`. */
export function checkFileName(name: string): void {
  if (isFileName(name)) return
  const shown = JSON.stringify(name)
  throw new PullbackError('DestinationNameUnusable', {
    what: `${shown} cannot be the name of a file at a destination`,
    subject: shown,
  })
}

/** A new temporary name for an upload of `name`: another one for each attempt. */
export function temporaryName(name: string, randomness: Randomness): string {
  return `tmp-x${randomHex(randomness, 4)}-${name}`
}

/** The final name inside a temporary one; undefined if `name` is none. */
export function nameWithin(name: string): string | undefined {
  const within = temporaryPattern.exec(name)?.[1]
  return within !== undefined && isFileName(within) && volumeShape.test(within) ? within : undefined
}

/**
 * True for what a dead upload left: its final name is known as abandoned, or it is a week old. Should another run
 * still write it after all, that run loses this one upload and nothing more, since a final name is never touched.
 */
export function isLeftover(
  file: TargetFile,
  known: { readonly abandoned: ReadonlySet<string>; readonly nowMs: number },
): boolean {
  const within = nameWithin(file.name)
  if (within === undefined) return false
  return known.abandoned.has(within) || known.nowMs - file.modifiedMs > leftoverAgeMs
}
