// The files at the sources that a drill compares with: found once, read one by one. A source that is lost takes with it
// the comparison of its files, not the drill.
import { newSha256 } from '../../base/hash.ts'
import { isPullbackError, meaningHere, type PullbackError } from '../../base/errors.ts'
import { textToName } from '../../format/path-text.ts'
import type { SourceEntry } from '../../sources/source.ts'
import type { BackupSource, LostSource } from '../backup/backup-job.ts'
import type { RunContext } from '../run-context.ts'
import { findFiles } from './find-files.ts'

export interface LiveContent {
  readonly sizeBytes: number
  readonly modifiedNs: bigint
  readonly hash: Buffer
}

interface LiveFile {
  readonly backedUp: BackupSource
  /** Below the root. */
  readonly path: Buffer
  readonly entry: SourceEntry
}

const notCompared = 'Its restored copies were not compared with it; the backup is untouched.'

export class LiveFiles {
  readonly lostSources: LostSource[] = []
  readonly #run: RunContext
  readonly #sources: readonly BackupSource[]
  readonly #files = new Map<string, LiveFile>()
  readonly #errors = new Map<string, PullbackError>()

  constructor(sources: readonly BackupSource[], run: RunContext) {
    this.#sources = sources
    this.#run = run
  }

  /** Connects, and looks where the files of these paths are now. Fails if every source is lost. */
  async find(paths: readonly string[]): Promise<void> {
    const { progress, signal } = this.#run
    for (const backedUp of this.#sources) {
      const mine = paths.filter((path) => isUnder(backedUp, path))
      if (mine.length === 0) continue
      progress.phase = 'connecting'
      progress.subject = backedUp.source.label
      await this.#orLost(backedUp, mine, async () => {
        const { entry: root } = await backedUp.source.open(signal)
        if (root.kind === 'file') {
          const path = Buffer.alloc(0)
          if (mine.includes(backedUp.mountPath))
            this.#files.set(backedUp.mountPath, { backedUp, path, entry: root })
          return
        }
        const byPath = new Map(mine.map((path) => [belowRoot(backedUp, path).toString('latin1'), path]))
        const found = await findFiles(backedUp.source, new Set(byPath.keys()), signal)
        for (const [key, one] of found) {
          const path = byPath.get(key) ?? ''
          if ('error' in one) this.#errors.set(path, one.error)
          else this.#files.set(path, { backedUp, path: Buffer.from(key, 'latin1'), entry: one.entry })
        }
      })
    }
    const [lost] = this.lostSources
    if (lost && this.#files.size === 0 && paths.every((path) => this.#errors.has(path))) throw lost.error
  }

  /** What is at a path now; undefined if there is no file, or why that cannot be told. */
  async read(path: string): Promise<LiveContent | PullbackError | undefined> {
    const file = this.#files.get(path)
    const error = this.#errors.get(path)
    if (error || !file) return error
    const { backedUp } = file
    const lostWithIt = [...this.#files].filter(([, one]) => one.backedUp === backedUp).map(([one]) => one)
    return this.#orLost(backedUp, lostWithIt, async () => {
      try {
        return await this.#content(file)
      } catch (thrown) {
        if (!isPullbackError(thrown) || thrown.kind !== 'source-entry') throw thrown
        return thrown.code === 'EntryVanished' ? undefined : thrown
      }
    })
  }

  async close(): Promise<void> {
    for (const { source } of this.#sources) await source.close()
  }

  async #content({ backedUp, path, entry }: LiveFile): Promise<LiveContent> {
    const { progress, signal } = this.#run
    const reading = await backedUp.source.read({ path, entry }, signal)
    const hash = newSha256()
    for await (const chunk of reading.chunks) {
      hash.update(chunk)
      progress.bytesMoved += chunk.length
    }
    return { ...reading.after(), hash: hash.digest() }
  }

  async #orLost<T>(
    backedUp: BackupSource,
    paths: readonly string[],
    work: () => Promise<T>,
  ): Promise<T | PullbackError> {
    try {
      return await work()
    } catch (thrown) {
      if (!isPullbackError(thrown) || thrown.kind !== 'source-gone') throw thrown
      const error = meaningHere(thrown, notCompared)
      this.lostSources.push({ label: backedUp.source.label, error })
      for (const path of paths) this.#errors.set(path, error)
      return error
    }
  }
}

export function isUnder({ mountPath }: Pick<BackupSource, 'mountPath'>, path: string): boolean {
  return path === mountPath || path.startsWith(mountPath === '/' ? '/' : `${mountPath}/`)
}

function belowRoot({ mountPath }: BackupSource, path: string): Buffer {
  return textToName(path.slice(mountPath === '/' ? 1 : mountPath.length + 1))
}
