// What a restore counts as it goes.
import type { RestorePlan } from '../../index-db/restore-plan.ts'
import type { DamagedFile, RestoreReport, RestoreTrouble } from './restore-job.ts'

type Counts = Omit<RestoreReport, 'version' | 'dryRun' | 'restorePath'>

/** Warnings are listed up to here; one cause can touch every file of a tree. */
const maxWarnings = 200

export class RestoreTally {
  files = 0
  folders = 0
  links = 0
  bytes = 0
  alreadyRight = 0
  readonly putBeside: { path: string; as: string }[] = []
  readonly failed: RestoreTrouble[] = []
  readonly damaged: DamagedFile[] = []
  readonly #warnings: string[] = []
  #moreWarnings = 0

  warn(sentence: string): void {
    if (this.#warnings.length < maxWarnings) this.#warnings.push(sentence)
    else this.#moreWarnings += 1
  }

  report(): Counts {
    const { files, folders, links, bytes, alreadyRight, putBeside, failed, damaged } = this
    const more = this.#moreWarnings > 0 ? [`and ${this.#moreWarnings} more warnings`] : []
    return {
      files,
      folders,
      links,
      bytes,
      alreadyRight,
      putBeside,
      failed,
      damaged,
      warnings: [...this.#warnings, ...more],
    }
  }

  /** What a restore of the whole plan would do. */
  planned(plan: RestorePlan): Counts {
    for (const item of plan.items()) {
      if (item.kind === 'file') this.files += 1
      else if (item.kind === 'folder') this.folders += 1
      else this.links += 1
      this.bytes += item.sizeBytes
    }
    return this.report()
  }
}
