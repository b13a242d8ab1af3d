// Shows what a backup of some sources would hold, and why, without a destination: each entry with the rule that
// decides on it, as it is found, then the sums.
import type { Gap } from '../engine/backup/backup-job.ts'
import { judgeSource, type JudgedEntry } from '../engine/select/judge-source.ts'
import { selectionRules, type SelectionOptions } from '../engine/select/selection-rules.ts'
import type { AddressOptions, World } from './world.ts'

export interface FilterTestRequest {
  readonly sources: readonly string[]
  readonly addressOptions: AddressOptions
  readonly selection: SelectionOptions
  readonly tell: (entry: JudgedEntry) => void
  readonly tellGap: (gap: Gap) => void
}

interface Sums {
  files: number
  folders: number
  links: number
  bytes: number
}

export interface FilterTestReport {
  readonly kept: Readonly<Sums>
  /** Of a folder that is left out only itself is counted: it is not gone into. */
  readonly leftOut: Readonly<Sums>
  readonly specials: number
  readonly gaps: number
  /** The filters in order, with how many entries each decided on. */
  readonly filters: readonly {
    readonly kind: 'include' | 'exclude'
    readonly pattern: string
    readonly decided: number
  }[]
  readonly warnings: readonly string[]
}

/** Fails with a `source-gone` error, or `BadArguments`. */
export async function testFilters(request: FilterTestRequest, world: World): Promise<FilterTestReport> {
  const { selection, addressOptions, tell, tellGap } = request
  const rules = selectionRules(selection)
  const kept: Sums = { files: 0, folders: 0, links: 0, bytes: 0 }
  const leftOut: Sums = { files: 0, folders: 0, links: 0, bytes: 0 }
  const filters = selection.filters.map((filter) => ({ ...filter, decided: 0 }))
  const warnings: string[] = []
  const counts = { specials: 0, gaps: 0 }
  const judging = {
    rules,
    signal: world.signal,
    tell: (entry: JudgedEntry) => {
      const filter = typeof entry.rule === 'object' ? filters[entry.rule.number - 1] : undefined
      if (filter) filter.decided += 1
      if (entry.rule === 'special') counts.specials += 1
      else add(entry.isKept ? kept : leftOut, entry)
      tell(entry)
    },
    tellGap: (gap: Gap) => {
      counts.gaps += 1
      tellGap(gap)
    },
  }
  for (const text of request.sources) {
    const backedUp = world.adapters.source(text, addressOptions)
    try {
      warnings.push(...(await judgeSource(backedUp, judging)))
    } finally {
      await backedUp.source.close()
    }
  }
  return { kept, leftOut, ...counts, filters, warnings }
}

function add(sums: Sums, { kind, sizeBytes }: JudgedEntry): void {
  if (kind === 'folder') sums.folders += 1
  else if (kind === 'link') sums.links += 1
  else sums.files += 1
  sums.bytes += sizeBytes
}
