// The rows of the kill table: what is run, on which state, and what must hold of its versions.
import type { Place, Scene, State, TreeNumber } from './scene.ts'

export interface Operation {
  readonly name: string
  readonly from: State
  readonly args: (scene: Scene, place: Place) => string[]
  /** What comes of it: a new version of this tree, this tree in the folder of the place, or fewer versions. */
  readonly makes:
    | { readonly version: TreeNumber }
    | { readonly restored: TreeNumber }
    | { readonly gone: number }
}

export const operations: readonly Operation[] = [
  {
    name: 'first backup',
    from: 0,
    args: (scene, place) => scene.backupArgs(place, 1),
    makes: { version: 1 },
  },
  {
    name: 'backup with changes',
    from: 1,
    args: (scene, place) => scene.backupArgs(place, 2),
    makes: { version: 2 },
  },
  {
    name: 'restore',
    from: 2,
    args: (scene, place) => scene.restoreArgs(place, 0),
    makes: { restored: 2 },
  },
  {
    name: 'delete',
    from: 2,
    args: (scene, place) => scene.deleteArgs(place),
    makes: { gone: 1 },
  },
]
