// The conformance suite of the port: what every destination must do, one test for each promise, run against every
// adapter and through the wrappers. Ids (C01…) are those of docs/reliability.md. An adapter's own test is a factory
// and one call; what only it can show (a full disk, missing rights, a cut line) it tests beside.
import { describe, it } from 'vitest'
import { neverAborted } from '../base/abort.ts'
import { systemRandomness } from '../base/randomness.ts'
import { folderPromises } from './suite/folder-promises.ts'
import { fullPromises } from './suite/full-promises.ts'
import { listPromises } from './suite/list-promises.ts'
import { mixedVerbs } from './suite/mixed-verbs.ts'
import { namePromises } from './suite/name-promises.ts'
import { putPromises } from './suite/put-promises.ts'
import { readPromises } from './suite/read-promises.ts'
import { stopPromises } from './suite/stop-promises.ts'
import type { Target } from './target.ts'

/** One empty place for files, made for one test. */
export interface TargetLab {
  /** A new connection to the place, not yet opened. */
  connect(): Target
  /** Puts a file there by other means than the port, under any name. */
  plant(name: string, bytes: Uint8Array, modifiedMs?: number): Promise<void>
  /** Makes a folder in it by other means, where there can be folders. */
  plantFolder?(name: string): Promise<unknown>
  /** All names that are there, temporary ones too. */
  names(): Promise<string[]>
  /** Removes the place itself with all that is in it. */
  remove(): Promise<void>
  /** Ends the lab; called once, also after `remove`. */
  dispose(): Promise<void>
}

export interface Capabilities {
  /** False where `a` and `A` are one file. */
  readonly caseSensitive: boolean
  /** The largest file of the round trips: small enough for the time that the adapter's tests may take. */
  readonly largestBytes: number
  /** To repeat a run of which a seed was shown; else one is drawn. */
  readonly seed?: number
}

export interface Place {
  readonly lab: TargetLab
  /** An open connection to it. */
  readonly target: Target
}

/** Declares one test in a fresh place. */
export type Promises = (name: string, test: (place: Place) => Promise<void>) => void

/** Declares all tests for one kind of destination. */
export function targetSuite(
  name: string,
  makeLab: () => Promise<TargetLab>,
  capabilities: Capabilities,
): void {
  const seed = capabilities.seed ?? systemRandomness.bytes(4).readUInt32LE()
  describe(`${name} keeps the promises of a destination (seed ${seed})`, () => {
    const promises = inFresh(makeLab)
    folderPromises(promises)
    namePromises(promises)
    readPromises(promises, { seed, largestBytes: capabilities.largestBytes })
    putPromises(promises, { seed, caseSensitive: capabilities.caseSensitive })
    listPromises(promises)
    stopPromises(promises)
    mixedVerbs(promises, seed)
  })
}

/** Declares the tests for a destination with room for `roomBytes` and no more. */
export function fullTargetSuite(name: string, makeLab: () => Promise<TargetLab>, roomBytes: number): void {
  describe(`${name} keeps the promises of a destination that is full`, () => {
    fullPromises(inFresh(makeLab), roomBytes)
  })
}

function inFresh(makeLab: () => Promise<TargetLab>): Promises {
  return (name, test) => {
    it(name, async () => {
      const lab = await makeLab()
      const target = lab.connect()
      try {
        await target.open({ create: false }, neverAborted())
        await test({ lab, target })
      } finally {
        await target.close()
        await lab.dispose()
      }
    })
  }
}
