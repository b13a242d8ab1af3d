import { expect, it } from 'vitest'
import { lostRanges } from './lost-ranges.ts'

it('puts lost blocks that lie beside each other together, the last as short as it is', () => {
  expect(lostRanges([7, 2, 1, 2, 4], { blocksize: 10, sizeBytes: 73 })).toEqual([
    { offsetBytes: 10, lengthBytes: 20 },
    { offsetBytes: 40, lengthBytes: 10 },
    { offsetBytes: 70, lengthBytes: 3 },
  ])
})
