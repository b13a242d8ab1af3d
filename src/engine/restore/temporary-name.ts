// The names that a restore gives to what is not finished, and to the mark that says that it lives. The token is of one
// restore alone: by it the next one tells what belongs to whom.
const markPattern = /^\.pullback-([0-9a-f]{8})\.lives$/
const earlyMarkPattern = /^\.pullback-([0-9a-f]{8})\.begins$/
const temporaryPattern = /^\.pullback-([0-9a-f]{8})-\d+$/

export function temporaryName(token: string, itemId: number): string {
  return `.pullback-${token}-${itemId}`
}

export function markName(token: string): string {
  return `.pullback-${token}.lives`
}

/** Of the mark before its restore holds it. */
export function earlyMarkName(token: string): string {
  return `.pullback-${token}.begins`
}

export function tokenOfEarlyMark(name: string): string | undefined {
  return earlyMarkPattern.exec(name)?.[1]
}

/** The token of the restore whose mark has this name. */
export function tokenOfMark(name: string): string | undefined {
  return markPattern.exec(name)?.[1]
}

/** The token of the restore whose temporary file has this name. */
export function tokenOfTemporary(name: string): string | undefined {
  return temporaryPattern.exec(name)?.[1]
}
