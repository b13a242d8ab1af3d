// Writes one file of a version to wherever the door says.
import {
  dumpFile,
  type DumpJob,
  type DumpReport,
  type WriteBytes,
} from '../engine/restore/outlets/dump-file.ts'
import type { BackupPlace, World } from './world.ts'

export type DumpRequest = BackupPlace & Pick<DumpJob, 'version' | 'path'>

export async function dump(request: DumpRequest, world: World, write: WriteBytes): Promise<DumpReport> {
  const { targetUrl, addressOptions, tempFolder, ...job } = request
  const target = world.adapters.target(targetUrl, addressOptions, world.progress)
  try {
    await target.open({ create: false }, world.signal)
    return await dumpFile({ ...job, target, tempFolder: tempFolder ?? world.tempFolder }, world, write)
  } finally {
    await target.close()
  }
}
