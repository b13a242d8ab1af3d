import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import { MemorySource } from '../../sources/memory/memory-source.ts'
import { MemoryTree } from '../../sources/memory/memory-tree.ts'
import { filterList } from './filter-list.ts'
import { judgeSource, type JudgedEntry } from './judge-source.ts'
import { selectionRules, usualSelection, type SelectionOptions } from './selection-rules.ts'

/** A folder by the names in it, or the length of a file. */
type Node = number | { readonly [name: string]: Node }

const names = ['a', 'b', 'c.tmp', '.d', 'CACHEDIR.TAG']
const patterns = ['*', '*.tmp', '*/a', '*/a/', '*/b/*', '/m/a/', '/s/b/a/', '/s/?', '[.*/(a|b)/]', '{None}']

const { tree: trees } = fc.letrec<{ tree: Node; node: Node }>((tie) => ({
  tree: fc.dictionary(fc.constantFrom(...names), tie('node'), { maxKeys: 4 }),
  node: fc.oneof({ depthSize: 'small', maxDepth: 4 }, fc.integer({ min: 0, max: 20 }), tie('tree')),
}))

const selections: fc.Arbitrary<SelectionOptions> = fc.record({
  filters: fc.array(
    fc.record({ kind: fc.constantFrom('include', 'exclude'), pattern: fc.constantFrom(...patterns) }),
    { maxLength: 4 },
  ),
  ignoreFilenames: fc.constantFrom([], ['CACHEDIR.TAG']),
  excludeFilesAttributes: fc.constantFrom([], ['Hidden'] as const),
  symlinkPolicy: fc.constant('Store' as const),
  skipFilesLargerThanBytes: fc.constantFrom(undefined, 10),
  excludeEmptyFolders: fc.boolean(),
})

/** What is kept below a folder, by the rules as they are written down; undefined for a folder that is left out. */
function keptBelow(folder: Node, path: string, rules: SelectionOptions): string[] | undefined {
  if (typeof folder === 'number') return []
  if (path !== '' && rules.ignoreFilenames.some((name) => typeof folder[name] === 'number')) return undefined
  return Object.entries(folder).flatMap(([name, node]) => {
    const isFolder = typeof node !== 'number'
    const own = `${path}${name}${isFolder ? '/' : ''}`
    if (rules.excludeFilesAttributes.includes('Hidden') && name.startsWith('.')) return []
    const { deciding, onlyIncludes } = filterList(rules.filters)
    const kind = rules.filters[deciding([`/m/${own}`, `/s/${own}`]) ?? -1]?.kind
    if (kind === 'exclude') return []
    if (!isFolder) {
      const isSmall = node <= (rules.skipFilesLargerThanBytes ?? Infinity)
      return isSmall && (kind === 'include' || !onlyIncludes) ? [own] : []
    }
    const below = keptBelow(node, own, rules)
    const needsFilling = rules.excludeEmptyFolders || (onlyIncludes && kind !== 'include')
    return below && (below.length > 0 || !needsFilling) ? [own, ...below] : []
  })
}

/** The paths directly in a folder of the tree. */
function childrenOf(tree: Node, path: string): string[] {
  let folder: Node | undefined = tree
  for (const part of path.split('/').filter((one) => one !== '')) {
    if (typeof folder === 'object') folder = folder[part]
  }
  if (typeof folder !== 'object') return []
  return Object.entries(folder).map(([name, node]) => path + name + (typeof node === 'number' ? '' : '/'))
}

function plant(tree: MemoryTree, folder: Node, path: string): void {
  for (const [name, node] of Object.entries(folder)) {
    if (typeof node === 'number') tree.writeFile(path + name, Buffer.alloc(node))
    else {
      tree.makeFolder(path + name)
      plant(tree, node, `${path}${name}/`)
    }
  }
}

async function judged(tree: MemoryTree, options: SelectionOptions): Promise<JudgedEntry[]> {
  const found: JudgedEntry[] = []
  const source = { source: new MemorySource(tree), mountPath: '/m', machinePath: '/s' }
  const signal = neverAborted()
  const tell = (entry: JudgedEntry): unknown => found.push(entry)
  const tellGap = ({ path }: { path: string }): never => expect.fail(`${path} could not be looked at`)
  await judgeSource(source, { rules: selectionRules(options), signal, tell, tellGap })
  return found
}

describe('what is said of a source', () => {
  it('is what the rules say, for any tree', async () => {
    await fc.assert(
      fc.asyncProperty(trees, selections, async (folder, options) => {
        const tree = new MemoryTree()
        plant(tree, folder, '')
        const found = await judged(tree, options)
        const kept = found.filter(({ isKept, rule }) => isKept && rule !== 'source')
        const expected = keptBelow(folder, '', options) ?? []
        expect(kept.map(({ path }) => path.slice('/m/'.length)).sort()).toEqual(expected.sort())
        const told = new Set(found.map(({ path }) => path))
        expect(told.size).toBe(found.length)
        // None waits for ever: all that lies in a folder that is kept was decided, one way or the other.
        for (const path of ['', ...expected].filter((one) => one === '' || one.endsWith('/'))) {
          expect([...told]).toEqual(
            expect.arrayContaining(childrenOf(folder, path).map((own) => `/m/${own}`)),
          )
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('names special files, and tells no size of what is no file', async () => {
    const tree = new MemoryTree()
    tree.makeSpecial('pipe', 'pipe')
    tree.makeLink('link', 'pipe')
    expect(await judged(tree, usualSelection)).toEqual([
      { path: '/m/', kind: 'folder', sizeBytes: 0, isKept: true, rule: 'source' },
      { path: '/m/link', kind: 'link', sizeBytes: 0, isKept: true, rule: 'none' },
      { path: '/m/pipe', kind: 'pipe', sizeBytes: 0, isKept: false, rule: 'special' },
    ])
  })
})
