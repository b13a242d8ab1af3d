// The words of decisions on old versions: why each is kept, and why each goes.
import { momentText } from './sizes.ts'

interface Period {
  readonly unit: 'day' | 'week' | 'month' | 'year' | 'ms'
  readonly count: number
  readonly startMs: number
}

export const retentionWords = {
  kept: 'Kept',
  goes: 'Deleted',
  wouldGo: 'Would be deleted',
  notDeleted: 'Would be deleted, but is refused',
  nothingToDelete: () => 'Nothing is to be deleted.',
  dryRun: () => 'Dry run: nothing was deleted.',
  deleted: (deleted: number, kept: number) =>
    `${versions(deleted)} deleted, ${kept.toLocaleString('en')} kept.`,
  waiting: (count: number) => `${versions(count)} can go only when the destination allows it.`,
  refused: (what: string, advice: string) => `It would be refused: ${what}. ${advice}`,
  pinned: (moment: string, changed: boolean) =>
    changed ? `The version of ${moment} is pinned.` : `The version of ${moment} was pinned already.`,
  unpinned: (moment: string, changed: boolean) =>
    changed ? `The version of ${moment} is no longer pinned.` : `The version of ${moment} was not pinned.`,

  keep: {
    pinned: () => 'pinned',
    newest: () => 'the newest',
    'last-full': () => 'the newest full one',
    'nothing-full': () => 'no full version is there yet',
    'newer-than-full': () => 'partial, newer than every full one',
    'no-rule': () => 'no rule asks for its end',
    'keep-time': ({ limit }: { limit: string }) => `younger than ${limit}`,
    'keep-versions': ({ place, limit }: { place: number; limit: number }) =>
      `full version ${place} of the ${limit} to keep`,
    'first-of-period': ({ frame, period }: { frame: string; period: Period }) =>
      `first of ${periodText(period)} (${frame})`,
    'early-run': ({ frame, period }: { frame: string; period: Period }) =>
      `an early run: the next after ${periodText(period)} is far (${frame})`,
    'frame-keeps-all': ({ frame }: { frame: string }) => `all are kept here (${frame})`,
    'partial-in-frame': ({ frame }: { frame: string }) => `partial, counts for nothing (${frame})`,
  },
  remove: {
    named: () => 'named',
    'outside-frames': () => 'older than the policy reaches',
    'partial-superseded': () => 'partial, and a newer one is full',
    'keep-time': ({ limit }: { limit: string }) => `older than ${limit}`,
    'keep-versions': ({ limit }: { limit: number }) => `${limit} newer full ones are kept`,
    'period-has-one': (why: { frame: string; period: Period; keptMs: number }) =>
      `${periodText(why.period)} has that of ${momentText(why.keptMs)} (${why.frame})`,
  },
}

function versions(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'version' : 'versions'}`
}

/** `the day 2026-11-20`, `the week from 2026-11-16`, `the month 2026-11`, `the 3 months from 2026-10-01`. */
function periodText({ unit, count, startMs }: Period): string {
  const moment = momentText(startMs)
  if (unit === 'ms') return `the time from ${moment}`
  const date = moment.slice(0, 10)
  if (count > 1) return `the ${count} ${unit}s from ${date}`
  if (unit === 'week') return `the week from ${date}`
  return `the ${unit} ${date.slice(0, { day: 10, month: 7, year: 4 }[unit])}`
}
