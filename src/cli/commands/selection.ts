// Which entries are backed up: the part of a command line that `backup` and `test-filters` share.
import { PullbackError } from '../../base/errors.ts'
import { usualSelection, type FileAttribute, type SelectionOptions } from '../../usecases/reports.ts'
import { parseSize } from '../option-values.ts'
import type { CommandLine } from './command.ts'

/** `BadOption` for a value that is not taken. */
export function selectionOf(line: CommandLine): SelectionOptions {
  const { options } = line
  const size = options.get('skip-files-larger-than')
  const names = options.get('ignore-filenames')
  requireAllLinks(options.get('hardlink-policy'))
  return {
    filters: line.repeated.flatMap(({ name, value }) =>
      name === 'include' || name === 'exclude' ? [{ kind: name, pattern: value }] : [],
    ),
    ignoreFilenames:
      names === undefined ? usualSelection.ignoreFilenames : names.split(':').filter((name) => name !== ''),
    excludeFilesAttributes: attributesOf(options.get('exclude-files-attributes') ?? ''),
    symlinkPolicy: linkPolicyOf(options.get('symlink-policy') ?? usualSelection.symlinkPolicy),
    skipFilesLargerThanBytes:
      size === undefined ? undefined : parseSize('skip-files-larger-than', size, 'mb'),
    excludeEmptyFolders: options.has('exclude-empty-folders'),
  }
}

function attributesOf(text: string): FileAttribute[] {
  const names = text.split(',').map((name) => name.trim())
  return names.filter((name) => name !== '').map(attributeOf)
}

function attributeOf(name: string): FileAttribute {
  const known = (['Hidden', 'ReadOnly'] as const).find((one) => one.toLowerCase() === name.toLowerCase())
  if (known) return known
  throw new PullbackError('BadOption', {
    what: `--exclude-files-attributes does not know ${name}: files of a Linux machine have only Hidden and ReadOnly`,
    subject: 'exclude-files-attributes',
  })
}

function linkPolicyOf(text: string): SelectionOptions['symlinkPolicy'] {
  const policy = text.toLowerCase()
  if (policy === 'store') return 'Store'
  if (policy === 'ignore') return 'Ignore'
  const why =
    policy === 'follow'
      ? 'does not follow links: they lead out of what was named, around in circles, and anyone may have made them'
      : 'is Store or Ignore'
  throw new PullbackError('BadOption', {
    what: `--symlink-policy ${why}`,
    subject: 'symlink-policy',
    advice: 'To back up what a link points to, name that as a source too.',
  })
}

function requireAllLinks(text: string | undefined): void {
  if (text === undefined || text.toLowerCase() === 'all') return
  throw new PullbackError('BadOption', {
    what: '--hardlink-policy is All: SFTP does not tell which names belong to one file',
    subject: 'hardlink-policy',
    advice: 'Leave the option out; the content of all the names is stored once.',
  })
}
