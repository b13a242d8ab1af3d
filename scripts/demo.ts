// The main job, shown: a machine behind SSH, an encrypted backup of it over SFTP, changes, a second backup, both
// versions listed and restored, and everything compared: bytes, modes, links and times. What runs is the command line,
// as a person would type it; the machine is a server inside this process with a real folder behind it.
import { join } from 'node:path'
import { describeTree } from '../tests/support/describe-tree.ts'
import { compareWithRestored } from './demo/compare.ts'
import { freshFolder } from './demo/fresh-folder.ts'
import { changeMachine, fillMachine } from './demo/machine-tree.ts'
import { Narrator } from './demo/narrator.ts'
import { pullback } from './demo/pullback-command.ts'
import { startMachine } from './demo/start-machine.ts'

const project = join(import.meta.dirname, '..')
const output = join(project, 'demo-output')
const narrator = new Narrator()

freshFolder(output)

narrator.step('A machine to back up')
const tree = join(output, 'machine')
fillMachine(tree, join(project, 'node_modules'))
const first = describeTree(tree)
const files = first.filter((entry) => entry.type === 'file')
const bytes = files.reduce((sum, file) => sum + Number(file.size), 0)
narrator.say(
  `${files.length} files, ${narrator.size(bytes)}: sources of real programs, and every awkward kind of`,
)
narrator.say(
  'file: names that are not text, a line break in a name, dangling links, a pipe, a socket, 20 levels deep.',
)

const machine = await startMachine(tree, output)
narrator.say(
  `It is reached as ssh://${machine.user}@${machine.host}:${machine.port}; its key is known beforehand, as it must be.`,
)

try {
  const backup = `file://${join(output, 'backup')}`
  const secret = ['--passphrase-file=demo-output/passphrase']
  const login = [`--ssh-keyfile=demo-output/login-key`, `--ssh-known-hosts=demo-output/known_hosts`]
  const source = `ssh://${machine.user}@${machine.host}:${machine.port}/`
  const backUp = ['backup', backup, source, ...secret, ...login, '--dbpath=demo-output/index.sqlite']

  narrator.step('First backup')
  await pullback(project, backUp, [0, 2])

  narrator.step('Some work is done on the machine')
  narrator.say(changeMachine(tree))
  const second = describeTree(tree)

  narrator.step('Second backup: only what changed is read, only new blocks are stored')
  const requestsBefore = machine.filesOpened()
  await pullback(project, backUp, [0, 2])
  const opened = machine.filesOpened() - requestsBefore
  narrator.say(
    `The machine was asked to open ${opened} of its ${files.length} files. Those under the new name had`,
  )
  narrator.say('to be read, and added no data: their blocks were there.')

  narrator.step('What the backup holds')
  await pullback(project, ['list', backup, ...secret], [0])

  for (const [version, expected] of [
    ['1', first],
    ['0', second],
  ] as const) {
    narrator.step(`Restore of version ${version}, from the encrypted files alone`)
    const place = join(output, `restored-version-${version}`)
    await pullback(
      project,
      [
        'restore',
        backup,
        ...secret,
        `--version=${version}`,
        `--restore-path=${place}`,
        '--restore-permissions',
      ],
      [0, 2],
    )
    narrator.say(compareWithRestored(expected, place))
  }
} finally {
  await machine.close()
}

narrator.step('Done')
narrator.say(
  'Look around in demo-output/: machine/ is the machine, backup/ the encrypted backup (stock Duplicati reads it,',
)
narrator.say('the passphrase is in passphrase), restored-version-1/ and restored-version-0/ what came back.')
narrator.say(`All of it took ${narrator.seconds()} s.`)
