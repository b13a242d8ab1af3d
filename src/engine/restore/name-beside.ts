// The name that a restored file gets when another file has its own: the date of the version before the extension, and a
// number if that is taken too, as stock does (`letter.2026-11-22.txt`, `letter.2026-11-22 (0).txt`).
import { PullbackError } from '../../base/errors.ts'

const maxNumber = 100

/** The names in the order in which they are tried. */
export function* namesBeside(name: Buffer, versionMs: number): Generator<Buffer> {
  const dot = name.lastIndexOf('.')
  const cut = dot > 0 ? dot : name.length
  const stem = name.subarray(0, cut)
  const extension = name.subarray(cut)
  const date = new Date(versionMs).toISOString().slice(0, 10)
  for (let number = -1; number <= maxNumber; number += 1) {
    const counter = number < 0 ? '' : ` (${number})`
    yield Buffer.concat([stem, Buffer.from(`.${date}${counter}`), extension])
  }
}

/** Names for what is left of a damaged file, in the order in which they are tried. */
export function* namesOfDamaged(name: Buffer): Generator<Buffer> {
  yield Buffer.concat([name, Buffer.from('.damaged')])
  for (let number = 2; number <= maxNumber; number += 1)
    yield Buffer.concat([name, Buffer.from(`.damaged-${number}`)])
}

export function allTaken(name: Buffer): PullbackError {
  return new PullbackError('RestoreTargetFailed', {
    what: `${name.toString()} and all names beside it are taken`,
  })
}
