// Volumes that are well formed and say what is not so: written with the format's own layer, as one who has the
// passphrase could.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { sha256 } from '../../src/base/hash.ts'
import { systemRandomness } from '../../src/base/randomness.ts'
import { openVolumeFile } from '../../src/engine/volumes/read-volume-file.ts'
import { AesCryptEncryptor } from '../../src/format/aes-crypt/encrypt.ts'
import { blockHashOfEntryName } from '../../src/format/block-name.ts'
import { volEntryName, volJson, type BlockSize } from '../../src/format/dindex.ts'
import { manifestEntryName, writeManifest } from '../../src/format/manifest.ts'
import { ZipWriter } from '../../src/format/zip/zip-writer.ts'
import type { BackupStory, StoryVersion } from './backup-story.ts'
import { testBlocksize } from './run-engine.ts'

interface ForgedVolume {
  readonly path: string
  readonly passphrase: string | undefined
  /** Without it, a true one. */
  readonly manifest?: Buffer
  readonly entries: readonly (readonly [name: string, content: Buffer])[]
}

/** A volume with a manifest and the entries given. */
export function forgeVolume({ path, passphrase, manifest = trueManifest(), entries }: ForgedVolume): void {
  rmSync(path, { force: true })
  const file = openSync(path, 'wx')
  const encryptor =
    passphrase === undefined ? undefined : new AesCryptEncryptor({ passphrase, randomness: systemRandomness })
  const zip = new ZipWriter((bytes) => void writeSync(file, encryptor ? encryptor.update(bytes) : bytes))
  for (const [name, content] of [[manifestEntryName, manifest] as const, ...entries])
    zip.add(name, content, { level: 1 })
  zip.finish()
  if (encryptor) writeSync(file, encryptor.final())
  closeSync(file)
}

function trueManifest(): Buffer {
  return writeManifest({ blocksize: testBlocksize, createdMs: 0, appVersion: 'forged' })
}

/** The blocks that a dblock really holds, under the names that they have in it. */
export function blocksWithContent(
  path: string,
  name: string,
  passphrase: string | undefined,
): [string, Buffer][] {
  const volume = openVolumeFile({ path, name, passphrase })
  const blocks: [string, Buffer][] = []
  for (const entry of volume.archive.entries.keys()) {
    if (blockHashOfEntryName(entry))
      blocks.push([entry, Buffer.from(volume.archive.read(entry, testBlocksize))])
  }
  volume.close()
  return blocks
}

function blocksOf(path: string, name: string, passphrase: string | undefined): BlockSize[] {
  const blocks = blocksWithContent(path, name, passphrase)
  return blocks.map(([, bytes]) => ({ hash: sha256(bytes), sizeBytes: bytes.length }))
}

/** Replaces a dindex by one that is sound and lies. */
export async function lyingDindex(
  story: BackupStory,
  plan: {
    readonly dindex: string
    readonly dblock: string
    readonly other: StoryVersion
    readonly lie: 'others' | 'nowhere' | 'none' | 'missing'
  },
): Promise<void> {
  const { passphrase } = story.backup
  const { dindex, dblock, other, lie } = plan
  const file = readFileSync(story.path(dblock))
  const blocks = {
    others: () => blocksOf(story.path(other.dblock), other.dblock, passphrase),
    missing: () => blocksOf(story.path(dblock), dblock, passphrase),
    nowhere: () => [{ hash: sha256(Buffer.from('no block')), sizeBytes: 700 }],
    none: () => [],
  }[lie]()
  const named = lie === 'missing' ? dblock.replace(/-b\w{8}/, '-bdeadbeef') : dblock
  const content = volJson({ blocks, volumeHash: sha256(file), volumeSizeBytes: file.length })
  forgeVolume({ path: story.path(dindex), passphrase, entries: [[volEntryName(named), content]] })
}
