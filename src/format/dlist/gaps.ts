// What a version does not hold as it should, written into its dlist as an extra file: stock keeps such files and leaves
// them alone. A JSON array of objects with the path, the code of the error and its sentence.
import { PullbackError } from '../../base/errors.ts'

export interface GapText {
  readonly path: string
  readonly code: string
  readonly what: string
}

export const gapsName = 'extra/pullback-gaps.json'

/** More than any list that `gapsJson` writes: each gap is a path of at most 64 KiB and a sentence that names it. */
export const gapsMaxBytes = 64 << 20

/** A dead disk can make a gap of every file; what is over this is counted in one last gap without a path. */
const maxTextLength = 16 << 20

export function gapsJson(gaps: Iterable<GapText>): Buffer {
  let text = '['
  let left = 0
  for (const { path, code, what } of gaps) {
    if (text.length > maxTextLength) left += 1
    else text += `${text.length > 1 ? ',' : ''}${JSON.stringify({ path, code, what })}`
  }
  if (left > 0) text += `,${JSON.stringify({ path: '', code: 'More', what: `and ${left} more gaps` })}`
  return Buffer.from(`${text}]`)
}

/** `VolumeDamaged` if it is not such a list. Properties that are not known are passed over. */
export function readGaps(bytes: Uint8Array): GapText[] {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new PullbackError('VolumeDamaged', { what: 'its list of gaps is not JSON', cause: error })
  }
  if (Array.isArray(value) && value.every(isGap)) return value
  throw new PullbackError('VolumeDamaged', { what: 'its list of gaps is not one of gaps' })
}

function isGap(value: unknown): value is GapText {
  if (typeof value !== 'object' || value === null) return false
  return ['path', 'code', 'what'].every((name) => typeof Reflect.get(value, name) === 'string')
}
