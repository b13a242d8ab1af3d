// Entries of a version as a zip archive, written front to back while they are read. Files and folders come as the list
// has them, links last, so that a reader who unpacks as he goes writes nothing through one. A file that cannot be had
// as it was is not in the archive's directory, and told of.
//
// Names: what the entries have in common is cut as in a restore. A name that is UTF-8 is marked so; any other is put in
// as its bytes, without the mark: readers on Unix unpack it as it was, others show it in their own way.
import { appendFileSync, closeSync, openSync, readSync } from 'node:fs'
import { assert } from '../../../base/assert.ts'
import { isPullbackError, PullbackError } from '../../../base/errors.ts'
import { isCompressibleName } from '../../../format/compressible.ts'
import { ZipStream, type ZipContentEntry } from '../../../format/zip/zip-stream.ts'
import type { RunContext } from '../../run-context.ts'
import type { Spool } from '../../spool.ts'
import { spoolCall } from '../../volumes/spool-call.ts'
import { PathMapper } from '../path-mapper.ts'
import type { RestoreTrouble } from '../restore-job.ts'
import { RestoreTally } from '../restore-tally.ts'
import { withVersion, type OpenedVersion, type VersionJob } from '../stream/open-version.ts'
import { VersionStream, type StreamedEntry } from '../stream/version-stream.ts'
import type { WriteBytes } from './dump-file.ts'

export interface ZipJob extends VersionJob {
  /** Which entries, as people name them; none means all. */
  readonly patterns: readonly string[]
  /** Keep whole paths; else what all entries have in common is cut. */
  readonly keepWholePaths: boolean
  /** Of deflate, 0 to 9. */
  readonly level: number
}

export interface ZipReport {
  readonly version: { readonly timeMs: number; readonly isFull: boolean }
  readonly files: number
  readonly folders: number
  readonly links: number
  readonly bytes: number
  /** Length of the archive. */
  readonly archiveBytes: number
  /** Entries that are not in the archive. */
  readonly failed: readonly RestoreTrouble[]
  readonly warnings: readonly string[]
}

/** A file up to here is read as a whole before anything of it is written: damaged, it leaves no trace at all. */
const wholeBytes = 1 << 20
/** A zip says how long a name is in 16 bits. */
const longestName = 0xffff
const nineBits = 0o777
const usualModes = { file: 0o644, folder: 0o755, link: 0o777 } as const
const kindBits = { file: 0o100_000, folder: 0o040_000, link: 0o120_000 } as const
const slash = Buffer.from('/')

export async function zipVersion(job: ZipJob, run: RunContext, write: WriteBytes): Promise<ZipReport> {
  return withVersion(job, run, async (version) => {
    const tally = new RestoreTally()
    const stream = new VersionStream(version, {
      warn: (sentence) => tally.warn(sentence),
      fail: (item, error) => tally.failed.push({ path: item.path, error }),
    })
    try {
      const isFull = await stream.readList(job.patterns)
      await stream.prepare()
      run.progress.phase = 'restoring files'
      const zip = new ZipRun({ job, run, version, tally, write })
      const archiveBytes = await zip.execute(stream)
      const { files, folders, links, bytes, failed, warnings } = tally.report()
      const counts = { files, folders, links, bytes, archiveBytes, failed, warnings }
      return { version: { timeMs: version.dlist.timeMs, isFull }, ...counts }
    } finally {
      await stream.close()
    }
  })
}

interface ZipParts {
  readonly job: ZipJob
  readonly run: RunContext
  readonly version: OpenedVersion
  readonly tally: RestoreTally
  readonly write: WriteBytes
}

class ZipRun {
  readonly #parts: ZipParts
  readonly #mapper: PathMapper
  readonly #zip: ZipStream
  readonly #out: Buffer[] = []
  #archiveBytes = 0

  constructor(parts: ZipParts) {
    this.#parts = parts
    this.#mapper = new PathMapper(parts.job.keepWholePaths)
    this.#zip = new ZipStream({
      sink: (bytes) => this.#out.push(Buffer.from(bytes)),
      directory: directoryFile(parts.version.fetching.spool),
    })
  }

  /** Returns the length of the archive. */
  async execute(stream: VersionStream): Promise<number> {
    for (const { path, kind } of stream.plan.items()) this.#mapper.learn(path, kind)
    for await (const entry of stream.entries()) {
      try {
        await this.#add(entry)
      } catch (error) {
        if (!isPullbackError(error) || error.kind !== 'integrity') throw error
        this.#parts.tally.failed.push({ path: entry.item.path, error })
      }
      this.#parts.run.progress.filesDone += 1
      this.#parts.run.progress.bytesDone += entry.item.sizeBytes
      await this.#flush()
    }
    this.#zip.finish()
    await this.#flush()
    return this.#archiveBytes
  }

  async #add(entry: StreamedEntry): Promise<void> {
    const { tally } = this.#parts
    const { item, metadata } = entry
    const place = this.#mapper.place(item.path)
    // The folder that holds everything.
    if (place.length === 0) return
    const facts = zipEntry(entry, place)
    if (item.kind === 'folder') {
      this.#zip.add(facts, Buffer.alloc(0), { level: 0 })
      tally.folders += 1
      return
    }
    if (item.kind === 'link') {
      const { linkTarget } = metadata
      if (!linkTarget) throw new PullbackError('BlockMissing', { what: `where ${item.path} points is lost` })
      this.#zip.add(facts, linkTarget, { level: 0 })
      tally.links += 1
      return
    }
    const level = isCompressibleName(item.path) ? this.#parts.job.level : 0
    if (item.sizeBytes <= wholeBytes) this.#zip.add(facts, await whole(entry), { level })
    else await this.#addLong(facts, entry, level)
    tally.files += 1
    tally.bytes += item.sizeBytes
  }

  async #addLong(facts: ZipContentEntry, { item, content }: StreamedEntry, level: number): Promise<void> {
    this.#zip.begin(facts, { sizeBytes: item.sizeBytes, level })
    try {
      for await (const block of content()) {
        this.#zip.write(block)
        await this.#flush()
      }
    } catch (error) {
      this.#zip.abandon()
      throw error
    }
    this.#zip.end()
  }

  async #flush(): Promise<void> {
    for (const piece of this.#out.splice(0)) {
      await this.#parts.write(piece)
      this.#archiveBytes += piece.length
    }
  }
}

function zipEntry({ item, metadata }: StreamedEntry, place: readonly Buffer[]): ZipContentEntry {
  const parts = place.flatMap((part, at) => (at === 0 ? [part] : [slash, part]))
  const name = Buffer.concat(item.kind === 'folder' ? [...parts, slash] : parts)
  if (name.length > longestName)
    throw new PullbackError('PathUnsafe', { what: `the path ${item.path} is too long for a zip archive` })
  const { mode, modifiedNs } = metadata
  return {
    name,
    unixMode: kindBits[item.kind] | (mode === undefined ? usualModes[item.kind] : mode & nineBits),
    modifiedS: modifiedNs === undefined ? (item.modifiedSeconds ?? 0) : Number(modifiedNs / 1_000_000_000n),
  }
}

async function whole({ item, content }: StreamedEntry): Promise<Buffer> {
  const blocks: Buffer[] = []
  for await (const block of content()) blocks.push(block)
  const bytes = Buffer.concat(blocks)
  assert(bytes.length === item.sizeBytes, 'a content is as long as its list says')
  return bytes
}

/** A directory of a million entries has 100 MB: it waits in the spool. */
function directoryFile(spool: Spool): {
  keep: (bytes: Buffer) => void
  pieces: () => Generator<Buffer>
} {
  const path = spool.path('zip-directory')
  return {
    keep: (bytes) => spoolCall(path, () => appendFileSync(path, bytes, { mode: 0o600 })),
    *pieces() {
      const descriptor = spoolCall(path, () => openSync(path, 'a+'))
      try {
        const piece = Buffer.allocUnsafe(wholeBytes)
        for (let at = 0; ;) {
          const from = at
          const got = spoolCall(path, () => readSync(descriptor, piece, 0, piece.length, from))
          if (got === 0) return
          at += got
          yield piece.subarray(0, got)
        }
      } finally {
        closeSync(descriptor)
      }
    },
  }
}
