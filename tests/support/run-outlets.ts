// Takes a file or a zip archive out of a backup under test, as the use cases do.
import { dumpFile, type DumpReport } from '../../src/engine/restore/outlets/dump-file.ts'
import { zipVersion, type ZipJob, type ZipReport } from '../../src/engine/restore/outlets/zip-version.ts'
import type { VersionJob } from '../../src/engine/restore/stream/open-version.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import type { Target } from '../../src/targets/target.ts'
import type { World } from '../../src/usecases/world.ts'
import type { ZipRequest } from '../../src/usecases/zip-version.ts'
import { runContext, type TestBackup } from './run-engine.ts'

interface From {
  readonly backup: TestBackup
  /** In place of the folder of the backup. */
  readonly target?: Target
  readonly version?: VersionJob['version']
}

/** What came out, whether the run failed or not. */
export async function dumped(
  path: string,
  from: From,
): Promise<{ bytes: Buffer; report: DumpReport | undefined; error: unknown }> {
  const pieces: Buffer[] = []
  let error: unknown
  const report = await dumpFile({ ...(await jobOf(from)), path }, runContext({}), async (bytes) => {
    pieces.push(Buffer.from(bytes))
    return Promise.resolve()
  }).catch((thrown: unknown) => {
    error = thrown
    return undefined
  })
  return { bytes: Buffer.concat(pieces), report, error }
}

export async function zipped(
  from: From,
  changes: Partial<ZipJob> = {},
): Promise<{ bytes: Buffer; report: ZipReport }> {
  const pieces: Buffer[] = []
  const choice = { patterns: [], keepWholePaths: false, level: 1 }
  const job: ZipJob = { ...choice, ...(await jobOf(from)), ...changes }
  const report = await zipVersion(job, runContext({}), async (bytes) => {
    pieces.push(Buffer.from(bytes))
    return Promise.resolve()
  })
  return { bytes: Buffer.concat(pieces), report }
}

/** The request for a zip archive in a file, and the world to make it in. */
export function zipInto(file: string, backup: TestBackup): { request: ZipRequest; world: World } {
  const { folder, passphrase, tempFolder } = backup
  const unused = (): never => {
    throw new Error('a zip has no source')
  }
  const adapters = { target: () => new LocalTarget({ folder }), source: unused, receiver: unused }
  const place = { targetUrl: folder, addressOptions: new Map(), prefix: 'duplicati', passphrase, tempFolder }
  const choice = { version: { number: 0 }, patterns: [], keepWholePaths: false, level: 1 }
  return {
    request: { ...place, ...choice, output: { file } },
    world: { ...runContext({}), adapters, tempFolder, indexFolder: tempFolder, appVersion: 'test' },
  }
}

async function jobOf({ backup, target, version = { number: 0 } }: From): Promise<VersionJob> {
  const { folder, passphrase, tempFolder } = backup
  const place = target ?? new LocalTarget({ folder })
  await place.open({ create: false }, new AbortController().signal)
  return { target: place, prefix: 'duplicati', passphrase, version, tempFolder }
}
