// Writes entries of a version as a zip archive: into a new file, or to wherever the door says.
import type { WriteBytes } from '../engine/restore/outlets/dump-file.ts'
import { NewFile } from '../engine/restore/outlets/new-file.ts'
import { zipVersion, type ZipJob, type ZipReport } from '../engine/restore/outlets/zip-version.ts'
import type { BackupPlace, World } from './world.ts'

export type ZipRequest = BackupPlace &
  Pick<ZipJob, 'version' | 'patterns' | 'keepWholePaths' | 'level'> & {
    /** A file that is not there yet, or what takes the bytes. */
    readonly output: { readonly file: string } | { readonly write: WriteBytes }
  }

export async function zip(request: ZipRequest, world: World): Promise<ZipReport> {
  const { targetUrl, addressOptions, tempFolder, output, ...job } = request
  const target = world.adapters.target(targetUrl, addressOptions, world.progress)
  const make = (write: WriteBytes): Promise<ZipReport> =>
    zipVersion({ ...job, target, tempFolder: tempFolder ?? world.tempFolder }, world, write)
  try {
    await target.open({ create: false }, world.signal)
    return 'write' in output ? await make(output.write) : await intoFile(output.file, world, make)
  } finally {
    await target.close()
  }
}

async function intoFile(
  path: string,
  world: World,
  make: (write: WriteBytes) => Promise<ZipReport>,
): Promise<ZipReport> {
  const file = await NewFile.create(path, world.randomness)
  try {
    const report = await make((bytes) => file.write(bytes))
    await file.commit()
    return report
  } catch (error) {
    await file.discard()
    throw error
  }
}
