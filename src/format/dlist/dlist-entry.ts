// What a file list says of one entry, and the names of the two documents that a dlist volume holds for it.

export const filelistName = 'filelist.json'
export const filesetName = 'fileset'

export type DlistKind = 'File' | 'Folder' | 'Symlink'

export interface DlistEntry {
  readonly kind: DlistKind
  /** Absolute on its machine; folders, and stock's links to folders, end with a separator. */
  readonly path: string
  /** SHA-256 of a file's content; only files have one. */
  readonly hash: Buffer | undefined
  /** Of a file's content; 0 for all else. */
  readonly sizeBytes: number
  /** Hashes of the blocklists of a content of two or more blocks, one after the other. */
  readonly blocklists: Buffer | undefined
  /** Last change of a file in whole seconds since 1970; `unknownTime` if it is not known, as for all but files. */
  readonly modifiedSeconds: number
  /** SHA-256 of the metadata; undefined only in lists of other programs. */
  readonly metaHash: Buffer | undefined
  readonly metaSizeBytes: number
  readonly metaBlocklists: Buffer | undefined
}

/** The first second of the year 1: how a list says that it does not know a time (`00010101T000000Z`). */
export const unknownTime = -62_135_596_800

// The last second of the year 9999: lists have four digits for it.
const lastTime = 253_402_300_799

// The calendar repeats after 400 years. Date.UTC takes the years 0 to 99 for 1900 to 1999, but not 400 to 499.
const cycleYears = 400
const cycleSeconds = 12_622_780_800

/** A time as a list holds it. Outside the years 1 to 9999 it is the nearest one that can be written. */
export function entryTimeText(seconds: number): string {
  const shown = new Date(Math.min(Math.max(Math.floor(seconds), unknownTime), lastTime) * 1000)
  const date = (shown.getUTCFullYear() * 100 + shown.getUTCMonth() + 1) * 100 + shown.getUTCDate()
  const time = (shown.getUTCHours() * 100 + shown.getUTCMinutes()) * 100 + shown.getUTCSeconds()
  return `${String(date).padStart(8, '0')}T${String(time).padStart(6, '0')}Z`
}

/** The seconds since 1970 that a time in a list says; `unknownTime` if it says none. */
export function entryTimeSeconds(text: unknown): number {
  if (typeof text !== 'string' || !/^\d{8}T\d{6}Z$/.test(text)) return unknownTime
  const date = Number(text.slice(0, 8))
  const time = Number(text.slice(9, 15))
  const [year, month, day] = [Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100]
  const [hour, minute, second] = [Math.floor(time / 10_000), Math.floor(time / 100) % 100, time % 100]
  const seconds = Date.UTC(year + cycleYears, month - 1, day, hour, minute, second) / 1000 - cycleSeconds
  return Math.max(seconds, unknownTime)
}
