// The judge of backup folders: reads a folder the way a stranger would, from the description of the format alone, and
// says everything that is wrong with it. It shares no code with the product, so a mistake of one is not a mistake of
// both. With `written: 'pullback'` it insists on the profile Pullback writes; with 'stock' on what readers must be able
// to trust.
import { readdir } from 'node:fs/promises'
import { BlockStore } from './block-store.ts'
import { ContentChecker } from './content.ts'
import { readDblock, type DblockFacts } from './dblock.ts'
import { DindexLedger } from './dindex.ts'
import { DlistChecker, type SeenEntry, type VersionReport } from './dlist.ts'
import { newFindings, type Findings, type Written } from './findings.ts'
import { sortNames, type VolumeKind, type VolumeName } from './volume-names.ts'
import { VolumeReader } from './volume-reader.ts'

export type CheckOptions = {
  written: Written
  passphrase?: string
  /** What all manifests must say; without it, what the first one says. */
  blocksize?: number
  /** Names of files that may lie in the folder besides the volumes. */
  ignore?: readonly string[]
  /** A run was interrupted: volumes cut short, a dblock without dindex and a folder without version are no problems. */
  cutOff?: boolean
  /** Called for every entry of every version, oldest version first, in the order of the file list. */
  eachEntry?: (entry: SeenEntry, version: string) => void
}

export type BackupReport = {
  /** Oldest first. */
  versions: VersionReport[]
  volumes: { dlists: number; dblocks: number; dindexes: number; bytes: number; encrypted: boolean }
  /** `unused` blocks are in no version, `duplicates` are copies of one that came before: waste, but no problem. */
  blocks: { count: number; bytes: number; unused: number; duplicates: number; blocksize: number | undefined }
  problems: string[]
  /** What differs from Pullback's profile without being a problem; empty where it would be one. */
  tolerated: string[]
}

/** Reads the whole folder and reports; throws only if the folder itself cannot be read. */
export async function checkBackup(folder: string, options: CheckOptions): Promise<BackupReport> {
  const findings = newFindings({ written: options.written, cutOff: options.cutOff ?? false })
  const names = (await readdir(folder)).filter((name) => !options.ignore?.includes(name))
  const volumes = sortNames(names, findings.root)
  const reader = new VolumeReader({ folder, passphrase: options.passphrase, blocksize: options.blocksize })
  const store = new BlockStore()
  try {
    const pass: Pass = { volumes, reader, store, findings, eachEntry: options.eachEntry ?? (() => {}) }
    const versions = await readAll(pass)
    if (versions.length === 0) findings.root.leftover('the folder holds no version that can be read')
    return summarize(pass, versions)
  } finally {
    store.close()
  }
}

/** As checkBackup, but throws an Error that lists all problems if there are any. */
export async function expectSound(folder: string, options: CheckOptions): Promise<BackupReport> {
  const report = await checkBackup(folder, options)
  if (report.problems.length === 0) return report
  const shown = report.problems.slice(0, MAX_PROBLEMS_SHOWN).map((problem) => `\n  ${problem}`)
  const more = report.problems.length - shown.length
  const rest = more > 0 ? `\n  and ${more} more` : ''
  throw new Error(`${report.problems.length} problems in ${folder}:${shown.join('')}${rest}`)
}

/** Enough to see a pattern; one mistake in every entry of a big list would drown the test's output. */
const MAX_PROBLEMS_SHOWN = 100

type Pass = {
  volumes: readonly VolumeName[]
  reader: VolumeReader
  store: BlockStore
  findings: Findings
  eachEntry: (entry: SeenEntry, version: string) => void
}

/** Blocks first, then what describes them, then what needs them; one volume in memory at a time. */
async function readAll(pass: Pass): Promise<VersionReport[]> {
  const { reader, store, findings } = pass
  const dblocks = new Map<string, DblockFacts>()
  for (const name of ofKind(pass, 'dblock')) {
    const volume = await reader.open(name, findings.root.at(name.name))
    if (volume !== undefined) dblocks.set(name.name, readDblock(volume, store))
  }
  const ledger = new DindexLedger(dblocks, store)
  for (const name of ofKind(pass, 'dindex')) {
    const volume = await reader.open(name, findings.root.at(name.name))
    if (volume !== undefined) ledger.read(volume)
  }
  ledger.expectComplete(findings.root)
  const versions: VersionReport[] = []
  let checker: DlistChecker | undefined
  for (const name of ofKind(pass, 'dlist')) {
    const volume = await reader.open(name, findings.root.at(name.name))
    if (volume === undefined) continue
    checker ??= new DlistChecker(
      new ContentChecker({ store, indexedBlocklists: ledger.blocklists, blocksize: volume.blocksize }),
      pass.eachEntry,
    )
    const version = checker.check(volume)
    if (version !== undefined) versions.push(version)
  }
  return versions.toSorted((a, b) => a.timeMs - b.timeMs)
}

function summarize(pass: Pass, versions: VersionReport[]): BackupReport {
  const { reader, store, findings } = pass
  return {
    versions,
    volumes: {
      dlists: ofKind(pass, 'dlist').length,
      dblocks: ofKind(pass, 'dblock').length,
      dindexes: ofKind(pass, 'dindex').length,
      bytes: reader.bytesRead,
      encrypted: pass.volumes.some((volume) => volume.encrypted),
    },
    blocks: {
      count: store.count,
      bytes: store.bytes,
      unused: store.unused,
      duplicates: store.duplicates,
      blocksize: reader.blocksize,
    },
    problems: findings.problems,
    tolerated: findings.tolerated,
  }
}

function ofKind(pass: Pass, kind: VolumeKind): VolumeName[] {
  return pass.volumes.filter((volume) => volume.kind === kind)
}
