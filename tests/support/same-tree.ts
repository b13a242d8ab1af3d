// What a restored tree must have in common with its source: everything that the format keeps.
import { expect } from 'vitest'
import type { DescribedEntry } from './describe-tree.ts'
import { treeDifferences, type SameTreeOptions } from './tree-differences.ts'

/** Fails with a readable list of differences. */
export function expectSameTree(
  expected: string | readonly DescribedEntry[],
  restored: string,
  options: SameTreeOptions = {},
): void {
  expect(treeDifferences(expected, restored, options)).toEqual([])
}
