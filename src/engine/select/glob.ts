// Globs over whole paths, in Duplicati's grammar: `*` stands for any text, separators included, `?` for one character
// (of UTF-16, as in Duplicati: a character beyond the first 65,536 takes two). All else stands for itself. A path is
// gone through at most once for each piece between two stars, so no glob is slow.

/** True for a path that the pattern takes; folders have their trailing separator. */
export type PathTest = (path: string) => boolean

export function globTest(glob: string): PathTest {
  const [first = '', ...middle] = glob.split('*')
  const last = middle.pop()
  if (last === undefined) return (path) => path.length === first.length && fits(path, first, 0)
  return (path) => {
    const end = path.length - last.length
    if (end < first.length || !fits(path, first, 0) || !fits(path, last, end)) return false
    let at = first.length
    for (const piece of middle) {
      // The first place where a piece fits leaves the most room for those after it.
      const found = placeOf(path, piece, at)
      if (found === -1) return false
      at = found + piece.length
    }
    return at <= end
  }
}

function placeOf(path: string, piece: string, from: number): number {
  if (!piece.includes('?')) return path.indexOf(piece, from)
  for (let at = from; at + piece.length <= path.length; at += 1) if (fits(path, piece, at)) return at
  return -1
}

function fits(path: string, piece: string, at: number): boolean {
  if (!piece.includes('?')) return path.startsWith(piece, at)
  for (let offset = 0; offset < piece.length; offset += 1) {
    if (piece[offset] !== '?' && piece[offset] !== path[at + offset]) return false
  }
  return true
}
