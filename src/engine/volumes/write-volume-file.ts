// One volume on its way to a file of the spool: a zip archive, encrypted as a whole if there is a passphrase, its size
// and hash taken as it is written. Everything is synchronous: it runs in the worker threads and, for file lists, on
// the engine's own thread.
import { closeSync, openSync, writeSync } from 'node:fs'
import { newSha256 } from '../../base/hash.ts'
import type { Randomness } from '../../base/randomness.ts'
import { AesCryptEncryptor } from '../../format/aes-crypt/encrypt.ts'
import { manifestEntryName, writeManifest } from '../../format/manifest.ts'
import { ZipWriter } from '../../format/zip/zip-writer.ts'
import { spoolCall } from './spool-call.ts'
import type { FinishedFile, VolumeProfile } from './volume-profile.ts'

export class VolumeFileWriter {
  readonly zip: ZipWriter
  readonly #path: string
  readonly #descriptor: number
  readonly #sha256 = newSha256()
  readonly #encryptor: AesCryptEncryptor | undefined
  #sizeBytes = 0

  /** Makes the file (it must not exist) and writes the manifest into it. */
  constructor(path: string, profile: VolumeProfile, randomness: Randomness) {
    this.#path = path
    this.#descriptor = spoolCall(path, () => openSync(path, 'wx', 0o600))
    this.#encryptor =
      profile.passphrase === undefined
        ? undefined
        : new AesCryptEncryptor({ passphrase: profile.passphrase, randomness })
    this.zip = new ZipWriter((bytes) => this.#write(this.#encryptor ? this.#encryptor.update(bytes) : bytes))
    const { blocksize, createdMs, appVersion } = profile
    this.zip.add(manifestEntryName, writeManifest({ blocksize, createdMs, appVersion }), {
      level: profile.level,
    })
  }

  /** Bytes in the file so far; the archive may still hold back a little. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  finish(): FinishedFile {
    this.zip.finish()
    if (this.#encryptor) this.#write(this.#encryptor.final())
    closeSync(this.#descriptor)
    return { path: this.#path, sizeBytes: this.#sizeBytes, sha256: this.#sha256.digest() }
  }

  /** Gives up: closes the file and leaves its removal to the spool. */
  discard(): void {
    closeSync(this.#descriptor)
  }

  #write(bytes: Uint8Array): void {
    this.#sha256.update(bytes)
    this.#sizeBytes += bytes.byteLength
    for (let done = 0; done < bytes.byteLength;) {
      const at = done
      done += spoolCall(this.#path, () => writeSync(this.#descriptor, bytes, at))
    }
  }
}
