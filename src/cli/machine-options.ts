// The options of addresses of machines: how to log in, and how the machine is known.
import type { OptionRow } from './option-row.ts'

/** They connect to machines. */
const reading = ['backup', 'restore', 'test-filters', 'compare', 'drill'] as const

export const machineOptions: readonly OptionRow[] = [
  {
    name: 'auth-username',
    kind: 'text',
    usual: 'the local user',
    address: true,
    meaning: 'User to log in as.',
    commands: reading,
  },
  {
    name: 'auth-password',
    kind: 'text',
    usual: 'none',
    address: true,
    meaning:
      'Password, or passphrase of the key; AUTH_PASSWORD in the environment keeps it out of the list of processes.',
    commands: reading,
  },
  {
    name: 'ssh-keyfile',
    kind: 'text',
    usual: 'agent, then ~/.ssh',
    address: true,
    meaning: 'Private key to log in with.',
    commands: reading,
  },
  {
    name: 'ssh-fingerprint',
    kind: 'text',
    usual: 'known_hosts',
    address: true,
    meaning: "The machine's key: SHA256:…, or Duplicati's form with MD5.",
    commands: reading,
  },
  {
    name: 'ssh-known-hosts',
    kind: 'text',
    usual: '~/.ssh/known_hosts',
    own: true,
    address: true,
    meaning: 'File of known machines.',
    commands: reading,
  },
  {
    name: 'ssh-relative-path',
    kind: 'flag',
    usual: 'off',
    address: true,
    meaning: 'The path begins at the login folder.',
    commands: reading,
  },
  {
    name: 'ssh-disable-agent',
    kind: 'flag',
    usual: 'off',
    address: true,
    meaning: 'Do not ask an SSH agent.',
    commands: reading,
  },
]
