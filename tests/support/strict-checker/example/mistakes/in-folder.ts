// Mistakes in the folder: names, strangers, volumes that miss their partner.
import { PASSPHRASE, PLAIN, type Mistake } from './mistake.ts'
import { NAMES } from '../backup.ts'

export const IN_FOLDER: readonly Mistake[] = [
  foreign('a foreign file', 'notes.txt', 'notes.txt: is no volume of this backup'),
  foreign('a temporary file', `${PLAIN.dblock}.part`, '.part: is no volume of this backup'),
  foreign('parity beside a volume', `${PLAIN.dblock}.par2`, '.par2: is no volume of this backup'),
  foreign(
    'another prefix',
    PLAIN.dlist.replace('duplicati', 'other'),
    'differs from the grammar',
    'is no zip archive',
    'the time of',
  ),
  foreign('a day no calendar has', 'duplicati-20230230T000000Z.dlist.zip', 'is no volume of this backup'),
  {
    mistake: 'upper-case hex digits in a name',
    mutation: { files: (files) => rename(files, PLAIN.dindex, PLAIN.dindex.replace('abcdef', 'ABCDEF')) },
    reports: [': name differs from the grammar to write'],
  },
  {
    mistake: 'one GUID for a dblock and its dindex',
    mutation: {
      files: (files) =>
        rename(files, PLAIN.dindex, PLAIN.dblock.replace('-b', '-i').replace('dblock', 'dindex')),
    },
    reports: ['has the hex digits of duplicati-b1f6'],
  },
  {
    mistake: 'two dindexes for one dblock',
    mutation: { files: (files) => copy(files, PLAIN.dindex, PLAIN.dindex.replace('-i0', '-i1')) },
    reports: [`describes a dblock that ${PLAIN.dindex} describes too`],
  },
  {
    mistake: 'a dblock without dindex',
    mutation: { files: (files) => files.delete(PLAIN.dindex) },
    reports: [`${PLAIN.dblock}: no dindex describes this dblock`, 'is in no list/ entry of a dindex'],
  },
  {
    mistake: 'a missing dblock',
    mutation: { files: (files) => files.delete(`${NAMES.dblocks[1]}.zip`) },
    reports: [
      'describes a dblock that is not in the folder',
      'is in no dblock',
      'blocklist is not a block of any dblock',
    ],
  },
  {
    mistake: 'plain volumes beside encrypted ones',
    mutation: {
      passphrase: PASSPHRASE,
      files: (files) => files.set('duplicati-i9.dindex.zip', Buffer.alloc(0)),
    },
    reports: ['is not encrypted', 'differs from the grammar', 'is no zip archive'],
  },
  {
    mistake: 'plain volumes in spite of a passphrase',
    mutation: {},
    options: { passphrase: PASSPHRASE },
    reports: ['is not encrypted, although there is a passphrase'],
  },
  {
    mistake: 'another blocksize than was asked for',
    mutation: {},
    options: { blocksize: 2048 },
    reports: ['Blocksize expected 2048, found 1024', 'blocklists, found', 'expected with'],
  },
]

function foreign(mistake: string, name: string, ...reports: string[]): Mistake {
  return { mistake, mutation: { files: (files) => files.set(name, Buffer.from('x')) }, reports }
}

function copy(files: Map<string, Buffer>, from: string, to: string): void {
  files.set(to, files.get(from) ?? Buffer.alloc(0))
}

function rename(files: Map<string, Buffer>, from: string, to: string): void {
  copy(files, from, to)
  files.delete(from)
}
