// How much of a backup is read to see whether it can be: the part of a command line that says so.
import { PullbackError } from '../../base/errors.ts'
import type { CheckPlan } from '../../usecases/reports.ts'
import { parseDuration, parsePercent, parseWhole } from '../option-values.ts'
import type { CommandLine } from './command.ts'

const dayMs = 24 * 3600 * 1000
const longestMs = 3650 * dayMs
const usualEverythingInMs = 30 * dayMs
/** As Duplicati has it. */
const usualSamplePercent = 0.1

/** `counted` is what a command takes as an argument: a number of sets, or a word for all volumes. */
export function checkPlanOf({ command, options }: CommandLine, counted?: string): CheckPlan {
  const samples = options.get('backup-test-samples')
  const percent = options.get('backup-test-percentage')
  const within = options.get('check-everything-in')
  const isAsked = command !== 'backup' || samples !== undefined || percent !== undefined || within === '0'
  return {
    samples: counted === undefined ? samplesIn('backup-test-samples', samples) : countIn(counted),
    samplePercent:
      percent === undefined
        ? samples === '0'
          ? 0
          : usualSamplePercent
        : parsePercent('backup-test-percentage', percent),
    everythingInMs:
      within === undefined ? usualEverythingInMs : parseDuration('check-everything-in', within, longestMs),
    ...(isAsked ? {} : { onlyWhenDue: true }),
  }
}

function samplesIn(name: string, text: string | undefined): number {
  return text === undefined ? 1 : parseWhole(name, text, { min: 0, max: 1_000_000 })
}

function countIn(text: string): number | 'all' {
  if (['all', 'everything'].includes(text.toLowerCase())) return 'all'
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new PullbackError('BadArguments', {
    what: `test takes a number of sets, all or everything, not ${JSON.stringify(text)}`,
  })
}
