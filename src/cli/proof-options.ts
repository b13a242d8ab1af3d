// The options of comparing a backup with its sources.
import type { OptionRow } from './option-row.ts'

const drill = ['drill'] as const

export const proofOptions: readonly OptionRow[] = [
  {
    name: 'source',
    kind: 'text',
    usual: 'none',
    own: true,
    repeats: true,
    meaning: 'A source, as backup takes it, that the version is compared with. May be given several times.',
    commands: ['compare'],
  },
  {
    name: 'read-contents',
    kind: 'flag',
    usual: 'off',
    own: true,
    meaning:
      'Read every file of the source and compare its bytes; else files of the same time and length are the same.',
    commands: ['compare'],
  },
  {
    name: 'drill-files',
    kind: 'number',
    usual: '10',
    own: true,
    meaning: 'How many files are restored for the proof.',
    commands: drill,
  },
  {
    name: 'drill-size',
    kind: 'size',
    usual: '1gb',
    own: true,
    meaning: 'Of how many bytes together, at most; a larger file is never drawn.',
    commands: drill,
  },
  {
    name: 'drill-seed',
    kind: 'text',
    usual: 'by chance',
    own: true,
    meaning: 'Draws the same files as the drill that showed this seed, if the version has them.',
    commands: drill,
  },
  {
    name: 'history',
    kind: 'flag',
    usual: 'off',
    own: true,
    meaning: 'Show what the drills of this backup have shown; nothing is restored.',
    commands: drill,
  },
]
