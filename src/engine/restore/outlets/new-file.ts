// A file that gets its name only when it is whole and on the disk, and never takes the name of another.
import { constants } from 'node:fs'
import { link, lstat, open, rename, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { PullbackError, systemCode } from '../../../base/errors.ts'
import { randomHex, type Randomness } from '../../../base/randomness.ts'

export class NewFile {
  readonly path: string
  readonly #temporary: string
  readonly #file: FileHandle

  /** `OutputUnusable` if the name is taken or nothing can be written there. */
  static async create(path: string, randomness: Randomness): Promise<NewFile> {
    const whole = resolve(path)
    const temporary = join(
      dirname(whole),
      `.${basename(whole).slice(0, 100)}.${randomHex(randomness, 4)}.part`,
    )
    try {
      await refuseTaken(whole)
      const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
      return new NewFile(
        whole,
        temporary,
        await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666),
      )
    } catch (error) {
      const code = systemCode(error)
      if (code === undefined) throw error
      const what = `${whole} cannot be written: ${code}`
      throw new PullbackError('OutputUnusable', { what, subject: whole, cause: error })
    }
  }

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.path = path
    this.#temporary = temporary
    this.#file = file
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#guard(() => this.#file.writeFile(bytes))
  }

  /** `OutputUnusable` if something took the name meanwhile, `OutputFailed` if the disk fails; then nothing stays. */
  async commit(): Promise<void> {
    await this.#guard(async () => {
      await this.#file.sync()
      await this.#file.close()
      await giveFreeName(this.#temporary, this.path)
      const folder = await open(dirname(this.path), constants.O_RDONLY | constants.O_DIRECTORY)
      try {
        await folder.sync()
      } finally {
        await folder.close()
      }
    })
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    try {
      await this.#file.close()
      await unlink(this.#temporary)
    } catch (error) {
      if (systemCode(error) === undefined) throw error
    }
  }

  async #guard(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      const code = systemCode(error)
      if (code === undefined) throw error
      if (code === 'EEXIST') throw taken(this.path, error)
      const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : code
      throw new PullbackError('OutputFailed', {
        what: `${this.path} could not be written: ${why}`,
        subject: this.path,
        meaning: 'Nothing of it was left there; the backup is not touched.',
        cause: error,
      })
    }
  }
}

async function refuseTaken(path: string): Promise<void> {
  try {
    await lstat(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw error
  }
  throw taken(path)
}

function taken(path: string, cause?: unknown): PullbackError {
  return new PullbackError('OutputUnusable', { what: `${path} is there already`, subject: path, cause })
}

/** A link refuses a name that is taken, a rename does not. */
async function giveFreeName(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error
    // A file system without hard links: a look, and a rename, are all that is left.
    await refuseTaken(path)
    await rename(temporary, path)
    return
  }
  await unlink(temporary)
}
