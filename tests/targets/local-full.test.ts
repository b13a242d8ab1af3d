// A local folder on a disk that is full: of bytes, then of inodes.
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { neverAborted } from '../../src/base/abort.ts'
import { isPullbackError } from '../../src/base/errors.ts'
import { localLab } from '../../src/targets/local/local-lab.ts'
import { fullTargetSuite, type TargetLab } from '../../src/targets/suite.ts'
import { listed, put, volumeName } from '../../src/targets/suite/content.ts'
import { mountSmallDisk, smallDisksWork } from '../support/small-disk.ts'

const roomBytes = 4 * 1024 * 1024

/** A lab on a disk of its own. */
async function labOnSmallDisk(options: string): Promise<TargetLab> {
  const disk = mkdtempSync(join(tmpdir(), 'pullback-disk-'))
  const unmount = mountSmallDisk(disk, options)
  const lab = await localLab(disk)
  return {
    ...lab,
    dispose: async () => {
      await lab.dispose()
      unmount()
      rmdirSync(disk)
    },
  }
}

if (smallDisksWork('C23')) {
  fullTargetSuite('a local folder', () => labOnSmallDisk(`size=${roomBytes}`), roomBytes)

  describe('a local folder on a disk without a free inode', () => {
    it('C23 says full, leaves nothing half, and takes files again when there is room', async () => {
      const lab = await labOnSmallDisk('size=4m,nr_inodes=20')
      const target = lab.connect()
      const stored: string[] = []
      let full: unknown
      for (let at = 0; at < 20 && full === undefined; at += 1) {
        try {
          await put(target, volumeName(at), Buffer.from('x'))
          stored.push(volumeName(at))
        } catch (error) {
          full = error
        }
      }
      expect(isPullbackError(full, 'DestinationFull')).toBe(true)
      expect((await lab.names()).sort()).toEqual(stored)
      await target.delete(volumeName(0), neverAborted())
      await target.delete(volumeName(1), neverAborted())
      await put(target, volumeName(99), Buffer.from('x'))
      expect(await listed(target)).toEqual([...stored.slice(2), volumeName(99)])
      await lab.dispose()
    })
  })
}
