// `pullback compare`.
import { PullbackError } from '../../base/errors.ts'
import type { VersionChoice } from '../../usecases/reports.ts'
import { compare, compareWithSources } from '../../usecases/look-at-versions.ts'
import { outcomeOfCompareSource } from '../exit-code.ts'
import { parseTime } from '../option-values.ts'
import { compareSourceText } from '../reports/compare-source-text.ts'
import { compareText } from '../reports/versions-text.ts'
import { backupPlace, indexPathOf, usualVolumes } from './backup-place.ts'
import type { Command, CommandLine } from './command.ts'
import { selectionOf } from './selection.ts'

/** As Duplicati. */
const shortList = 11

export const compareCommand: Command = {
  name: 'compare',
  args: '<target> [base] [to]',
  summary: 'show what changed between two versions, or since a version at its sources',
  more: `The two newest versions, or the newest and the one named, or the two named: by number, 0 being the newest,
or by time. Eleven entries of each kind, or all with --full-result.

With --source, given once for each source as in the backup command, and with its filters: the version named, or the
newest, and the source as it is now. Times, lengths, modes and owners are compared; --read-contents reads every file and
finds bytes that changed without a sign. What could not be looked at is listed, and never counts as removed.
Examples:
  pullback compare file:///srv/backups/web1 3D --passphrase-file=secret
  pullback compare file:///srv/backups/web1 --source=ssh://backup@web1/srv/www --read-contents

Ends with 0: compared; 2: with warnings, or something could not be looked at; 3: a source was lost, or bytes changed
without a sign; 100: failed; 200: wrong arguments.`,
  run: async (line, { world, around }) => {
    const [, base, to] = line.args
    const version = (text: string): VersionChoice =>
      /^\d{1,6}$/.test(text) ? { number: Number(text) } : { atMs: parseTime('time', text, around.nowMs) }
    const place = { ...backupPlace(line, around), ...usualVolumes, indexPath: indexPathOf(line) }
    const listed = line.options.has('full-result') ? Infinity : shortList
    const sources = sourcesOf(line)
    if (sources.length === 0) {
      const versions = { base: version(base ?? '1'), to: version(to ?? '0') }
      const report = await compare({ ...place, listed, ...versions }, world)
      return { outcome: 'success', report, text: () => compareText(report) }
    }
    const selection = selectionOf(line)
    const readContents = line.options.has('read-contents')
    const how = { listed, sources, selection, readContents, version: version(base ?? '0') }
    const report = await compareWithSources({ ...place, ...how }, world)
    return {
      outcome: outcomeOfCompareSource(report),
      report,
      text: (options) => compareSourceText(report, options),
      errors: (options) => compareSourceText(report, options),
    }
  },
}

/** None: two versions are compared, and nothing else is asked. */
function sourcesOf({ args, options, repeated }: CommandLine): string[] {
  const sources = repeated.filter(({ name }) => name === 'source').map(({ value }) => value)
  if (sources.length > 0 && args.length > 2) {
    throw new PullbackError('BadArguments', { what: 'with --source compare takes one version' })
  }
  if (sources.length === 0 && (repeated.length > 0 || options.has('read-contents'))) {
    throw new PullbackError('BadArguments', {
      what: 'filters and --read-contents are for a comparison with a --source, and none is named',
    })
  }
  return sources
}
