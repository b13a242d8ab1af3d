// The options that say which versions are kept, as backup and delete both take them.
import type { RetentionRequest } from '../../usecases/delete-versions.ts'
import { parseWhole } from '../option-values.ts'
import type { CommandLine } from './command.ts'

const mostVersions = 1_000_000

export function retentionOf({ options }: CommandLine): RetentionRequest {
  const versions = options.get('keep-versions')
  return {
    keepVersions:
      versions === undefined
        ? undefined
        : parseWhole('keep-versions', versions, { min: 0, max: mostVersions }),
    keepTime: options.get('keep-time'),
    retentionPolicy: options.get('retention-policy'),
    isConfirmed: options.has('confirm-removal'),
  }
}
