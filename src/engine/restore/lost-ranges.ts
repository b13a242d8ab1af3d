// Which bytes of a damaged file are zeros, because the blocks that should be there are lost: ranges from the positions
// of blocks, neighbours put together.

export interface LostRange {
  readonly offsetBytes: number
  readonly lengthBytes: number
}

/** In order; `positions` are those of blocks of `blocksize` bytes in a content of `sizeBytes`, in any order. */
export function lostRanges(
  positions: Iterable<number>,
  { blocksize, sizeBytes }: { readonly blocksize: number; readonly sizeBytes: number },
): LostRange[] {
  const ranges: { offsetBytes: number; lengthBytes: number }[] = []
  for (const at of [...new Set(positions)].sort((a, b) => a - b)) {
    const offsetBytes = at * blocksize
    const lengthBytes = Math.min(blocksize, sizeBytes - offsetBytes)
    const last = ranges.at(-1)
    if (last && last.offsetBytes + last.lengthBytes === offsetBytes) last.lengthBytes += lengthBytes
    else ranges.push({ offsetBytes, lengthBytes })
  }
  return ranges
}
