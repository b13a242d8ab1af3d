import { fullTargetSuite, targetSuite, type TargetLab } from '../suite.ts'
import { MemoryFolder, MemoryTarget } from './memory-target.ts'

function memoryLab(folder: MemoryFolder): TargetLab {
  return {
    connect: () => new MemoryTarget(folder),
    plant: async (name, bytes, modifiedMs = 0) => void folder.files.set(name, { bytes, modifiedMs }),
    names: async () => [...folder.files.keys()],
    remove: async () => {
      folder.exists = false
      folder.files.clear()
    },
    dispose: async () => undefined,
  }
}

targetSuite('memory', async () => memoryLab(new MemoryFolder()), {
  caseSensitive: true,
  largestBytes: 2_000_000,
})

fullTargetSuite('memory', async () => memoryLab(new MemoryFolder({ capacityBytes: 100_000 })), 100_000)
