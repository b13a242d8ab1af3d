// The house as data: the rooms under src/, what each is for, and what it may import. The border test holds the
// sources to it, and docs/architecture.md shows it.

interface Room {
  /** A room imports only from lower floors; rooms of one floor do not know each other. */
  readonly floor: number
  readonly job: string
  /** Rooms, or single files below src/. */
  readonly mayImport: readonly string[] | 'every room below'
  /** The modules of Node that it may use; without this, all. */
  readonly nodeModules?: readonly string[]
}

export const rooms: Readonly<Record<string, Room>> = {
  base: {
    floor: 0,
    job: 'errors, limits, stopping, clock, randomness, hashes',
    mayImport: [],
  },
  format: {
    floor: 1,
    job: 'the language of the backup: archive, encryption, names and lists; bytes in, values out',
    mayImport: ['base'],
    nodeModules: ['node:buffer', 'node:crypto', 'node:string_decoder', 'node:util', 'node:zlib'],
  },
  ssh: {
    floor: 1,
    job: 'connection, host keys, login, SFTP',
    mayImport: ['base'],
  },
  contract: {
    floor: 1,
    job: 'shapes and routes of the HTTP interface, as plain data',
    mayImport: ['base'],
    nodeModules: [],
  },
  text: {
    floor: 1,
    job: 'all words shown to people, and how numbers, sizes and dates are written',
    mayImport: ['base'],
    nodeModules: [],
  },
  'index-db': {
    floor: 2,
    job: 'the index of one backup: a local database that can be rebuilt from the backup',
    mayImport: ['format', 'base'],
  },
  store: {
    floor: 2,
    job: "the product's own database",
    mayImport: ['base'],
  },
  sources: {
    floor: 2,
    job: 'the port to what is backed up, and its adapters',
    mayImport: ['ssh', 'base'],
  },
  targets: {
    floor: 2,
    job: 'the port to where backups go, and its adapters',
    mayImport: ['ssh', 'base'],
  },
  receivers: {
    floor: 2,
    job: 'the port to another machine that files are restored onto, and its adapter',
    mayImport: ['ssh', 'base'],
  },
  engine: {
    floor: 3,
    job: 'backup, restore, list, check, rebuild: knows the three ports, never an adapter',
    mayImport: [
      'index-db',
      'format',
      'base',
      'sources/source.ts',
      'targets/target.ts',
      'receivers/receiver.ts',
    ],
  },
  queue: {
    floor: 3,
    job: 'schedules and waiting work',
    mayImport: ['store', 'base'],
  },
  notify: {
    floor: 3,
    job: 'turns a finished run into messages',
    mayImport: ['text', 'base'],
  },
  usecases: {
    floor: 4,
    job: 'one file for each thing the product can do; the only place where rooms meet',
    mayImport: 'every room below',
  },
  http: {
    floor: 5,
    job: 'the HTTP server: routes of the contract to use cases',
    mayImport: ['usecases', 'contract', 'text', 'base'],
  },
  cli: {
    floor: 5,
    job: 'the command line: commands to use cases, and the only room that prints',
    mayImport: ['usecases', 'contract', 'text', 'base'],
  },
  web: {
    floor: 5,
    job: 'the web page; runs in a browser',
    mayImport: ['contract', 'text'],
    nodeModules: [],
  },
  wire: {
    floor: 6,
    job: 'main.ts and wire/: builds every part and starts what was asked for',
    mayImport: 'every room below',
  },
}

/** Each package that the product needs lives in one room, so that replacing it touches one folder. */
export const packageRooms: Readonly<Record<string, string>> = {
  commander: 'cli',
  ssh2: 'ssh',
}

/** What tests and suites beside the sources may import on top: adapters made for tests. */
export const testAdapters: readonly string[] = ['sources/memory/', 'targets/memory/', 'targets/around/']
