// Names that a disk may take for the same although their bytes differ: in case, or in the way a letter is composed.
// Disks differ in the rules; these here are wider than those of any, so that no two names which one disk takes for the
// same have different keys. That they find names the same which a disk tells apart costs no more than a needless name.

const letterBit = 0x20

/** The name with its Latin letters in the other case; undefined if it has none. */
export function otherCase(name: Buffer): Buffer | undefined {
  const other = Buffer.from(name)
  let letters = 0
  for (const [at, byte] of name.entries()) {
    const lower = byte | letterBit
    if (lower < 0x61 || lower > 0x7a) continue
    other[at] = byte ^ letterBit
    letters += 1
  }
  return letters === 0 ? undefined : other
}

/** The same for places of which a disk may take the names, part by part, for the same. */
export function foldedKey(place: readonly Buffer[]): string {
  return place.map((name) => folded(name)).join('/')
}

function folded(name: Buffer): string {
  const text = name.toString('utf8')
  // What is not text is told apart by its bytes alone.
  if (text.includes('\ufffd')) return name.toString('latin1')
  const plain = text.normalize('NFKD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
  // Windows' disks drop points and spaces at the end.
  return plain
    .toUpperCase()
    .normalize('NFKD')
    .replace(/[. ]+$/, '')
}
