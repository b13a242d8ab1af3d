// One file of a version, written out as it is read. Every block is checked before it leaves; whether the whole file is
// right shows only at its end, when its bytes are out already, so a failure then says so.
import { assert } from '../../../base/assert.ts'
import { isPullbackError, PullbackError } from '../../../base/errors.ts'
import type { RestoreItem } from '../../../index-db/restore-plan.ts'
import type { RunContext } from '../../run-context.ts'
import { withVersion, type VersionJob } from '../stream/open-version.ts'
import { VersionStream } from '../stream/version-stream.ts'

/** Resolves when more may come; the bytes are the receiver's until then. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>

export interface DumpJob extends VersionJob {
  /** The whole path as the version has it, or a pattern that one file alone matches. */
  readonly path: string
}

export interface DumpReport {
  readonly version: { readonly timeMs: number; readonly isFull: boolean }
  readonly path: string
  readonly bytes: number
  /** Damage that was worked around. */
  readonly warnings: readonly string[]
}

/**
 * Fails with `NothingMatches` or `BadArguments` if the path does not name one file, and with an error of the kind
 * `integrity`, whose sentence says how much is out by then, if the file is not to be had as it was.
 */
export async function dumpFile(job: DumpJob, run: RunContext, write: WriteBytes): Promise<DumpReport> {
  return withVersion(job, run, async (version) => {
    const warnings: string[] = []
    let failure: PullbackError | undefined
    const stream = new VersionStream(version, {
      warn: (sentence) => warnings.push(sentence),
      fail: (_item, error) => (failure = error),
    })
    try {
      const isFull = await stream.readList([job.path])
      const file = oneFile([...stream.plan.items()], job.path)
      await stream.prepare({ wants: (item) => item.id === file.id, withoutMetadata: true })
      run.progress.phase = 'restoring files'
      if (failure) throw damageSoFar(failure, 0)
      let bytes = 0
      try {
        for await (const { content } of stream.entries()) {
          for await (const block of content()) {
            await write(block)
            bytes += block.length
            run.progress.bytesDone = bytes
          }
        }
      } catch (error) {
        throw damageSoFar(error, bytes)
      }
      return { version: { timeMs: version.dlist.timeMs, isFull }, path: file.path, bytes, warnings }
    } finally {
      await stream.close()
    }
  })
}

function oneFile(items: readonly RestoreItem[], path: string): RestoreItem {
  const bare = path.replace(/^@/, '').replace(/\/+$/, '')
  const exact = items.find((item) => item.path.replace(/\/+$/, '') === bare)
  const named = exact ? [exact] : items
  // A pattern that names a folder also matches what is below it: that is not what was meant.
  const first = named.find((item) => item.kind === 'folder') ?? named[0]
  assert(first, 'a list without a match is refused when it is read')
  if (first.kind === 'folder') {
    const advice = 'Take a folder out with `pullback zip` or `pullback restore`.'
    throw new PullbackError('BadArguments', { what: `${first.path} is a folder`, subject: path, advice })
  }
  if (named.length > 1) {
    const what = `${path} matches ${named.length} entries, ${first.path} the first of them`
    throw new PullbackError('BadArguments', {
      what,
      subject: path,
      advice: 'Name one file by its whole path.',
    })
  }
  if (first.kind === 'file') return first
  const advice = 'Name the file that it points to; `pullback restore` puts links back.'
  throw new PullbackError('BadArguments', { what: `${first.path} is a link`, subject: path, advice })
}

function damageSoFar(error: unknown, bytes: number): unknown {
  if (!isPullbackError(error) || error.kind !== 'integrity') return error
  const soFar = bytes === 0 ? 'nothing of it was written' : `${bytes} bytes were already written`
  return new PullbackError(error.code, {
    what: `${error.what}; ${soFar}`,
    meaning: bytes === 0 ? 'Nothing was written.' : 'What was written is not the file: throw it away.',
    cause: error,
    ...(error.subject === undefined ? {} : { subject: error.subject }),
  })
}
