// One volume from a file of the spool: authenticated as a whole before anything of it is believed, then read at any
// place. Nothing decrypted is ever written to disk.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { openAesCrypt } from '../../format/aes-crypt/open-aes-crypt.ts'
import type { ByteSource } from '../../format/byte-source.ts'
import { manifestEntryName, manifestMaxBytes, readManifest, type Manifest } from '../../format/manifest.ts'
import { parseVolumeName } from '../../format/volume-name.ts'
import { openZip, type ZipArchive } from '../../format/zip/zip-reader.ts'
import { spoolCall } from './spool-call.ts'

export interface OpenVolume {
  readonly archive: ZipArchive
  /** The archive's bytes, for an entry that is too big to be read at once. */
  readonly bytes: ByteSource
  readonly manifest: Manifest
  close(): void
}

/**
 * Opens a volume by its name at the destination and the file that holds a copy of it. Fails with `PassphraseMissing`,
 * `VolumeDamaged` or `FormatUnsupported`, naming the volume.
 */
export function openVolumeFile(file: {
  path: string
  name: string
  passphrase: string | undefined
}): OpenVolume {
  const { path, name, passphrase } = file
  const descriptor = spoolCall(path, () => openSync(path, 'r'))
  try {
    return nameVolumeIn(name, () => {
      const bytes = decrypted(fileAsSource(descriptor, path), name, passphrase)
      const archive = openZip(bytes)
      const manifest = readManifest(archive.read(manifestEntryName, manifestMaxBytes))
      return { archive, bytes, manifest, close: () => closeSync(descriptor) }
    })
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** Puts the volume's name into the sentence of whatever the format found wrong. */
export function nameVolumeIn<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw namingVolume(name, error)
  }
}

/** The error with the volume's name in it, if it is one of the format; else as it is. */
export function namingVolume(name: string, error: unknown): unknown {
  if (!isPullbackError(error) || error.kind !== 'integrity' || error.subject !== undefined) return error
  return new PullbackError(error.code, { what: `${name}: ${error.what}`, subject: name, cause: error })
}

/** Fails for an encryption that is not read. */
export function demandAes(encryption: string | undefined): void {
  if (encryption === 'aes') return
  throw new PullbackError('FormatUnsupported', {
    what: `it is encrypted with "${encryption}"; only aes is read`,
  })
}

function decrypted(bytes: ByteSource, name: string, passphrase: string | undefined): ByteSource {
  const encryption = parseVolumeName(name)?.encryption
  if (encryption === undefined) {
    if (passphrase === undefined) return bytes
    // Anybody who can write to the destination could have put it there.
    throw new PullbackError('VolumeDamaged', { what: 'it is not encrypted, as all else of the backup is' })
  }
  demandAes(encryption)
  if (passphrase === undefined) {
    throw new PullbackError('PassphraseMissing', {
      what: 'the backup is encrypted and no passphrase was given',
    })
  }
  try {
    return openAesCrypt(bytes, passphrase)
  } catch (error) {
    if (!isPullbackError(error, 'PassphraseWrong')) throw error
    // The passphrase was proven on other volumes before any was opened (check-passphrase.ts).
    throw new PullbackError('VolumeDamaged', {
      what: 'its head is damaged, or it was encrypted with another passphrase',
      cause: error,
    })
  }
}

function fileAsSource(descriptor: number, path: string): ByteSource {
  const { size } = spoolCall(path, () => fstatSync(descriptor))
  return {
    sizeBytes: size,
    read(offset, length) {
      const bytes = Buffer.allocUnsafe(length)
      this.readInto(bytes, offset)
      return bytes
    },
    readInto(memory, offset) {
      let done = 0
      while (done < memory.length) {
        const at = done
        const got = spoolCall(path, () => readSync(descriptor, memory, at, memory.length - at, offset + at))
        if (got === 0) throw new PullbackError('VolumeDamaged', { what: 'it ends early' })
        done += got
      }
    },
  }
}
