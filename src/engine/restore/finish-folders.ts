// The end of a restore: links, which come last so that nothing is ever written through one, then the modes and times
// of folders, deepest first, because whatever is made in a folder changes its time.
import { closeSync, readlinkSync, symlinkSync } from 'node:fs'
import { PullbackError } from '../../base/errors.ts'
import type { RestoreItem, RestorePlan } from '../../index-db/restore-plan.ts'
import type { Metadata } from '../../format/metadata.ts'
import { applyToHandle, applyToLink, type MetadataPolicy } from './apply-metadata.ts'
import { giveName, isFullDisk, removeQuietly, targetFull, targetTrouble } from './placed-file.ts'
import type { EntryPlaces } from './entry-places.ts'
import type { Place } from './path-mapper.ts'
import { noMetadata, readableMetadata, wholeMetadata } from './readable-metadata.ts'
import type { TargetTree } from './target-tree.ts'
import { temporaryName } from './temporary-name.ts'

export interface Finishing {
  readonly plan: RestorePlan
  readonly tree: TargetTree
  readonly policy: Omit<MetadataPolicy, 'warn'>
  readonly overwrite: boolean
  readonly token: string
  readonly placeOf: (item: RestoreItem) => Place
  readonly places: EntryPlaces
  readonly onFailure: (item: RestoreItem, error: PullbackError) => void
  readonly warn: (path: string, reason: string) => void
}

/** Makes every link of the plan; returns how many. `RestoreTargetFull` when the disk is full. */
export function makeLinks(finishing: Finishing): number {
  let made = 0
  for (const item of finishing.plan.ofKind('link', 'parents first')) {
    const done = attempt(finishing, item, () => {
      const metadata = metadataOf(finishing, item)
      if (!metadata.linkTarget)
        throw new PullbackError('BlockMissing', { what: `where ${item.path} points is lost` })
      makeLink(finishing, item, { metadata, target: metadata.linkTarget })
    })
    if (done) made += 1
  }
  return made
}

/** Makes folders that hold nothing, and gives every folder that this restore made its mode and times. */
export function finishFolders(finishing: Finishing): number {
  const { plan, tree, policy, warn } = finishing
  let finished = 0
  for (const item of plan.ofKind('folder', 'parents last')) {
    const done = attempt(finishing, item, () => {
      const place = finishing.placeOf(item)
      const handle = tree.openFolder(place)
      try {
        if (!tree.made(place) && !finishing.overwrite) return
        applyToHandle(handle, metadataOf(finishing, item), {
          ...policy,
          isFolder: true,
          modifiedSeconds: undefined,
          warn: (reason) => warn(item.path, reason),
        })
        tree.settled(place)
      } finally {
        closeSync(handle)
      }
    })
    if (done) finished += 1
  }
  // Folders on the way that the backup has no entry for.
  for (const place of tree.unsettled()) {
    const handle = tree.openFolder(place)
    const plain = { ...policy, isFolder: true, restorePermissions: false, modifiedSeconds: undefined }
    applyToHandle(handle, noMetadata, { ...plain, warn: () => undefined })
    closeSync(handle)
  }
  return finished
}

function makeLink(
  finishing: Finishing,
  item: RestoreItem,
  link: { metadata: Metadata; target: Buffer },
): void {
  const { tree, places, policy, warn } = finishing
  const place = places.ofNewLink(item, ({ folder, name }, there) => {
    return there.isSymbolicLink() && readlinkSync(tree.at(folder, name), 'buffer').equals(link.target)
  })
  if (!place) return
  const temporary = tree.at(place.folder, Buffer.from(temporaryName(finishing.token, item.id)))
  symlinkSync(link.target, temporary)
  try {
    applyToLink(temporary, link.metadata, { ...policy, warn: (reason) => warn(item.path, reason) })
    const replace = place.replace || tree.isFree(place.folder, place.name)
    giveName({ temporary, final: tree.at(place.folder, place.name), replace })
  } catch (error) {
    removeQuietly(temporary)
    throw error
  }
}

function metadataOf(finishing: Finishing, item: RestoreItem): Metadata {
  if (finishing.policy.skipMetadata && item.kind !== 'link') return noMetadata
  const metadata = wholeMetadata(item, finishing.plan.metadata(item.id))
  return readableMetadata(metadata, (reason) => finishing.warn(item.path, reason))
}

function attempt(finishing: Finishing, item: RestoreItem, act: () => void): boolean {
  try {
    act()
    return true
  } catch (error) {
    const trouble = targetTrouble(item.path, error)
    finishing.onFailure(item, trouble)
    if (isFullDisk(error)) throw targetFull(trouble)
    return false
  }
}
