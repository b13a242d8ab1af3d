// What help says of each command.
import type { CommandName } from './option-table.ts'

export interface CommandHelp {
  readonly name: CommandName
  readonly args: string
  readonly summary: string
  readonly more: string
}

export const commandHelp: readonly CommandHelp[] = [
  {
    name: 'backup',
    args: '<target> <source...>',
    summary: 'back up folders of this machine or of others over SSH',
    more: `A source is a folder, ssh://user@host:port/path, or @/path/in/the/backup|ssh://user@host/path.
Example:
  pullback backup file:///srv/backups/web1 ssh://backup@web1/srv/www --passphrase-file=secret

Ends with 0: a version was written; 1: nothing had changed; 2: with gaps or warnings; 3: a source was lost;
50: the version is partial; 100: failed; 200: wrong arguments.`,
  },
  {
    name: 'restore',
    args: '<target> [pattern...]',
    summary: 'put files of a version back',
    more: `Without a pattern all of the version. A pattern is a path, a name, or has * and ? in it; [in brackets]
it is a regular expression, after @ it is literal.
Example:
  pullback restore file:///srv/backups/web1 "*.conf" --restore-path=web1 --passphrase-file=secret

Ends with 0: all was restored; 2: with warnings; 3: some entries were not restored; 100: failed; 200: wrong arguments.`,
  },
  {
    name: 'list',
    args: '<target> [pattern...]',
    summary: 'show the versions, or what the newest holds that matches',
    more: `Example:
  pullback list file:///srv/backups/web1 --passphrase-file=secret`,
  },
  {
    name: 'find',
    args: '<target> <pattern...>',
    summary: 'show in which versions a file is',
    more: `Example:
  pullback find file:///srv/backups/web1 index.html --passphrase-file=secret`,
  },
]
