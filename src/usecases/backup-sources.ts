// The sources that a request names, each at a path of its own in the backup.
import { PullbackError } from '../base/errors.ts'
import type { BackupSource } from '../engine/backup/backup-job.ts'
import type { AddressOptions, World } from './world.ts'

/** Nothing is opened yet. `BadArguments` if one cannot be used as it is given, or lies inside another one. */
export function backupSources(
  request: { readonly sources: readonly string[]; readonly addressOptions: AddressOptions },
  { adapters }: World,
): BackupSource[] {
  const sources = request.sources.map((text) => adapters.source(text, request.addressOptions))
  refuseOverlap(sources)
  return sources
}

/** Each path exists once in a version: a source inside another one would be there twice. */
function refuseOverlap(sources: readonly BackupSource[]): void {
  for (const [at, inner] of sources.entries()) {
    for (const [other, outer] of sources.entries()) {
      if (at === other || !isWithin(inner.mountPath, outer.mountPath)) continue
      throw new PullbackError('BadArguments', {
        what: `the source ${inner.source.label} lies inside ${outer.source.label}, or at the same path in the backup`,
        subject: inner.source.label,
        advice: 'Leave one of them out, or give it a path of its own: @/path|address.',
      })
    }
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}
