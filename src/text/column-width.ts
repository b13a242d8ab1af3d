// How much of a line fits into a terminal. A line that is one column too long wraps, and can then not be redrawn.

/** From here on characters may take two columns: Hangul, CJK, emoji. Some take one: the line only ends earlier. */
const firstWide = 0x1100

/** The beginning of `line` that is at most `columns` wide; characters stay whole. */
export function cutToColumns(line: string, columns: number): string {
  let used = 0
  let end = 0
  for (const character of line) {
    used += (character.codePointAt(0) ?? 0) >= firstWide ? 2 : 1
    if (used > columns) break
    end += character.length
  }
  return line.slice(0, end)
}
