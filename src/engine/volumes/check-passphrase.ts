// Makes sure, before a run writes or believes anything, that its passphrase is the one the backup was made with: the
// header of an encrypted volume authenticates it.
import type { ErrorCode } from '../../base/error-catalogue.ts'
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { checkPassphraseOf } from '../../format/aes-crypt/open-aes-crypt.ts'
import { bytesAsSource } from '../../format/byte-source.ts'
import type { Target } from '../../targets/target.ts'
import { demandAes, nameVolumeIn } from './read-volume-file.ts'
import type { ListedVolume, VolumeListing } from './list-volumes.ts'

/** Longer than any header of AES Crypt that a sane program writes. */
const headerBytes = 4096

/**
 * `PassphraseWrong` when it is another one, `PassphraseMissing` or `PassphraseUnwanted` when the backup is encrypted
 * and none was given, or the other way round. An empty destination takes any. What somebody put beside the backup in
 * a form that it does not have stops nobody: whoever reads that volume refuses it.
 */
export async function checkPassphrase(
  options: { target: Target; listing: VolumeListing; passphrase: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { target, listing, passphrase } = options
  const asked = { target, passphrase, signal }
  const refusals: PullbackError[] = []
  let isProven = false
  for (const volume of witnesses(listing)) {
    const refusal = await refusalOf(volume, asked)
    if (refusal) refusals.push(refusal)
    else isProven = true
    // A header that it opens proves a passphrase. That none is needed is true only if nobody says otherwise.
    if (isProven && passphrase !== undefined) return
  }
  const said = (code: ErrorCode): PullbackError | undefined => refusals.find((one) => one.code === code)
  const told = said('PassphraseWrong') ?? said('PassphraseMissing')
  const first = isProven ? told : (told ?? refusals[0])
  if (first) throw first
}

/** Damage of a header looks like a wrong passphrase, so several are asked. */
function witnesses(listing: VolumeListing): ListedVolume[] {
  const [dblock] = listing.dblocks.values()
  const [dindex] = listing.dindexes.values()
  const { dlists } = listing
  const found = [dlists.at(-1), dindex, dblock, dlists[0]]
  return found.filter((volume) => volume !== undefined)
}

async function refusalOf(
  volume: ListedVolume,
  asked: { target: Target; passphrase: string | undefined; signal: AbortSignal },
): Promise<PullbackError | undefined> {
  const { target, passphrase } = asked
  const { encryption } = volume.parsed
  if (encryption !== undefined && passphrase !== undefined) {
    return refusalOfHeader(volume, { ...asked, passphrase })
  }
  const { label } = target
  if (encryption === 'aes') {
    return new PullbackError('PassphraseMissing', {
      what: `the backup in ${label} is encrypted and no passphrase was given`,
      subject: label,
      advice: 'Give --passphrase-file=FILE, or set PASSPHRASE.',
    })
  }
  if (encryption !== undefined) {
    return new PullbackError('FormatUnsupported', {
      what: `${volume.name} is encrypted with "${encryption}"; only aes is read`,
      subject: volume.name,
    })
  }
  if (passphrase === undefined) return undefined
  return new PullbackError('PassphraseUnwanted', {
    what: `a passphrase was given, and the backup in ${label} is not encrypted`,
    subject: label,
  })
}

async function refusalOfHeader(
  volume: ListedVolume,
  asked: { target: Target; passphrase: string; signal: AbortSignal },
): Promise<PullbackError | undefined> {
  const { target, passphrase, signal } = asked
  const range = { offset: 0, length: Math.min(headerBytes, volume.sizeBytes) }
  const beginning: Uint8Array[] = []
  try {
    for await (const chunk of target.get(volume.name, { range, signal })) beginning.push(Buffer.from(chunk))
    nameVolumeIn(volume.name, () => {
      demandAes(volume.parsed.encryption)
      checkPassphraseOf(bytesAsSource(Buffer.concat(beginning)), passphrase)
    })
    return undefined
  } catch (error) {
    // The destination has just answered a listing: a file that cannot be read is one that proves nothing.
    if (!isPullbackError(error, 'PassphraseWrong', 'VolumeDamaged', 'FormatUnsupported', 'DestinationFailed'))
      throw error
    return error
  }
}
