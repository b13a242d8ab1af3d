// The rows of the kill table: what is run, on which state, and what must hold of its versions.
import type { Place, Scene, State, TreeNumber } from './scene.ts'

export interface Operation {
  readonly name: string
  readonly from: State
  readonly args: (scene: Scene, place: Place) => string[]
  /**
   * A new version of this tree, this tree in the folder of the place, the versions without so many oldest, or all
   * versions without what is purged.
   */
  readonly makes:
    | { readonly version: TreeNumber }
    | { readonly restored: TreeNumber }
    | { readonly gone: number }
    | { readonly purged: true }
  /** Gives space back: in the end nothing is there that no version needs. */
  readonly tidies?: boolean
}

export const operations: readonly Operation[] = [
  {
    name: 'first backup',
    from: 'empty',
    args: (scene, place) => scene.backupArgs(place, 1),
    makes: { version: 1 },
  },
  {
    name: 'backup with changes',
    from: 'one',
    args: (scene, place) => scene.backupArgs(place, 2),
    makes: { version: 2 },
  },
  {
    name: 'restore',
    from: 'two',
    args: (scene, place) => scene.restoreArgs(place, 0),
    makes: { restored: 2 },
  },
  {
    name: 'delete',
    from: 'two',
    args: (scene, place) => scene.deleteArgs(place),
    makes: { gone: 1 },
  },
  {
    name: 'compact',
    from: 'wasteful',
    args: (scene, place) => scene.compactArgs(place),
    makes: { gone: 0 },
    tidies: true,
  },
  {
    name: 'deletion of what is due',
    from: 'marked',
    args: (scene, place) => scene.compactArgs(place),
    makes: { gone: 0 },
    tidies: true,
  },
  {
    name: 'purge',
    from: 'two',
    args: (scene, place) => scene.purgeArgs(place),
    makes: { purged: true },
  },
  {
    name: 'backup without its index',
    from: 'index lost',
    args: (scene, place) => scene.backupArgs(place, 3),
    makes: { version: 3 },
  },
  {
    name: 'repair of a lost index',
    from: 'index lost',
    args: (scene, place) => scene.repairArgs(place),
    makes: { gone: 0 },
  },
  {
    name: 'rebuild',
    from: 'two',
    args: (scene, place) => scene.rebuildArgs(place),
    makes: { gone: 0 },
  },
]
