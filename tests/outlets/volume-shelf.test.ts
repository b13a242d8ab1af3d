// The volumes that an ordered reading works with: fetched when they are needed, gone when they are not, and never more
// of them in the spool than is allowed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/base/hash.ts'
import { loadBlocks } from '../../src/engine/rebuild/load-dindex.ts'
import { withVersion, type OpenedVersion } from '../../src/engine/restore/stream/open-version.ts'
import { VolumeShelf } from '../../src/engine/restore/stream/volume-shelf.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { BackupStory, namesIn } from '../support/backup-story.ts'
import { runContext, testPassphrase } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'

interface Held {
  readonly volumeId: number
  readonly sizeBytes: number
  readonly hashes: readonly Buffer[]
}

describe('a shelf of volumes', () => {
  let story: BackupStory

  beforeAll(async () => {
    story = await BackupStory.tell(tempFolder(afterAll), testPassphrase)
  })

  /** Runs with the dblocks of the story, each with its blocks. */
  const withDblocks = async (use: (version: OpenedVersion, held: Held[]) => Promise<void>): Promise<void> => {
    const { folder, passphrase, tempFolder: temp } = story.backup
    const target = new LocalTarget({ folder })
    const place = { target, prefix: 'duplicati', passphrase, tempFolder: temp }
    await withVersion({ ...place, version: { number: 0 } }, runContext({}), async (version) => {
      const { index, fetching, listing } = version
      await loadBlocks({ index, fetching, listing, purpose: 'restore', warn: () => undefined })
      const dblocks = index.volumes.all().filter(({ kind }) => kind === 'dblock')
      const held = dblocks.map(({ id, sizeBytes }) => ({
        volumeId: id,
        sizeBytes: sizeBytes ?? 0,
        hashes: [...index.blocks.ofVolume(id)].map(({ hash }) => hash),
      }))
      await use(version, held)
    })
  }
  const spooled = ({ fetching }: OpenedVersion): number =>
    namesIn(fetching.spool.folder).filter((name) => name.startsWith('fetched-')).length

  it('gives every block, fetches a volume once, and has none left when all is done', async () => {
    await withDblocks(async (version, held) => {
      const { fetching, index } = version
      const shelf = new VolumeShelf({ volumes: index.volumes, fetching })
      const before = fetching.progress.bytesTransferred
      for (const { volumeId, hashes } of held) shelf.announce(volumeId, hashes.length)
      for (const { volumeId, hashes } of held) {
        for (const hash of hashes) {
          expect(sha256(await shelf.block(volumeId, hash)).equals(hash)).toBe(true)
          shelf.done(volumeId)
        }
      }
      await shelf.close()
      const bytes = held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      expect(fetching.progress.bytesTransferred - before).toBe(bytes)
      expect(spooled(version)).toBe(0)
    })
  })

  it('gives every block too where one volume has room, by fetching others again', async () => {
    await withDblocks(async (version, held) => {
      const { fetching, index } = version
      const spoolLimitBytes = Math.max(...held.map(({ sizeBytes }) => sizeBytes))
      const shelf = new VolumeShelf({ volumes: index.volumes, fetching, spoolLimitBytes })
      for (const { volumeId, hashes } of held) shelf.announce(volumeId, hashes.length)
      for (const at of [0, 1, 2, 3]) {
        for (const { volumeId, hashes } of held) {
          const hash = hashes[at] ?? expect.fail('there are four blocks in each')
          expect(sha256(await shelf.block(volumeId, hash)).equals(hash)).toBe(true)
          expect(spooled(version)).toBeLessThanOrEqual(1)
        }
      }
      await shelf.close()
    })
  })

  it('says of a block that is not there what it is, and goes on', async () => {
    await withDblocks(async ({ fetching, index }, held) => {
      const shelf = new VolumeShelf({ volumes: index.volumes, fetching })
      const [one] = held
      const volumeId = one?.volumeId ?? 0
      const unknown = sha256(Buffer.from('no block'))
      await expect(shelf.block(volumeId, unknown)).rejects.toMatchObject({ code: 'BlockMissing' })
      const hash = one?.hashes[0] ?? unknown
      expect(sha256(await shelf.block(volumeId, hash)).equals(hash)).toBe(true)
      await shelf.close()
    })
  })
})
