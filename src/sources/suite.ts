// The conformance suite of the port: what every source must do, one test for each promise, run against every adapter.
// An adapter's own test is a lab and one call; what only it can show (a lost line, a missing right) it tests beside.
import { describe, it } from 'vitest'
import { neverAborted } from '../base/abort.ts'
import type { Source } from './source.ts'
import { changePromises } from './suite/change-promises.ts'
import { listPromises } from './suite/list-promises.ts'
import { readPromises } from './suite/read-promises.ts'
import { rootPromises } from './suite/root-promises.ts'
import { stopPromises } from './suite/stop-promises.ts'

/** Paths below the root, parts joined by `/`, as text or bytes; folders on the way are made. */
type Path = string | Buffer

export interface EntryLook {
  readonly mode?: number
  readonly modifiedNs?: bigint
}

/** A tree that a source is made over; changed by other means than the port. */
export interface SourceTree {
  /** Makes a file, or gives an existing one new content in place. */
  writeFile(path: Path, content: Uint8Array, look?: EntryLook): void
  makeFolder(path: Path, look?: EntryLook): void
  /** The target of a link that names the root's own entries is the path from the root. */
  makeLink(path: Path, target: Path): void
  makePipe(path: Path): void
  /** Removes an entry and all below it. */
  remove(path: Path): void
}

/** One empty tree, made for one test. */
export interface SourceLab {
  readonly tree: SourceTree
  /** A new source, not yet opened, whose root is the tree, or what lies at a path of it. */
  connect(rootPath?: string): Source
  /** Takes the right to read an entry away, where that can be done. */
  readonly forbid?: (path: Path) => void
  dispose(): Promise<void>
}

export interface SourceCapabilities {
  /** The unit in which times are told: 1 for nanoseconds, 1,000,000,000 for whole seconds. */
  readonly timeUnitNs: bigint
  /** Times that cannot be told are left out: SFTP 3 has unsigned 32 bits of seconds. */
  readonly timesBefore1970: boolean
  /** The largest file of the round trips. */
  readonly largestBytes: number
}

export interface Place {
  readonly lab: SourceLab
  readonly tree: SourceTree
  /** A source over the tree, opened after the tree was filled. */
  readonly opened: (rootPath?: string) => Promise<Source>
}

export type Promises = (name: string, test: (place: Place) => Promise<void>) => void

/** Declares all tests for one kind of source. */
export function sourceSuite(
  name: string,
  makeLab: () => Promise<SourceLab>,
  capabilities: SourceCapabilities,
): void {
  describe(`${name} keeps the promises of a source`, () => {
    const promises = inFresh(makeLab)
    rootPromises(promises)
    listPromises(promises, capabilities)
    readPromises(promises, capabilities)
    changePromises(promises)
    stopPromises(promises)
  })
}

function inFresh(makeLab: () => Promise<SourceLab>): Promises {
  return (name, test) => {
    it(name, async () => {
      const lab = await makeLab()
      const sources: Source[] = []
      const opened = async (rootPath?: string): Promise<Source> => {
        const source = lab.connect(rootPath)
        sources.push(source)
        await source.open(neverAborted())
        return source
      }
      try {
        await test({ lab, tree: lab.tree, opened })
      } finally {
        for (const source of sources) await source.close()
        await lab.dispose()
      }
    })
  }
}
