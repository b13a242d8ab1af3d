// Puts times, modes and owners onto what was restored. Modes are never made wider than they were: without
// `--restore-permissions` the umask is taken off them, and setuid, setgid and sticky are never set.
import { fchmodSync, fchownSync, futimesSync, lchownSync, lutimesSync, readFileSync } from 'node:fs'
import { messageOf, systemCode } from '../../base/errors.ts'
import type { Metadata } from '../../format/metadata.ts'
import { lostMetadata } from './readable-metadata.ts'

export interface MetadataPolicy {
  readonly restorePermissions: boolean
  readonly skipMetadata: boolean
  readonly umask: number
  /** Told of what could not be applied. */
  readonly warn: (reason: string) => void
}

const nineBits = 0o777
const nsPerSecond = 1e9

/** To an open file or folder. Times go last, as the rest changes them. */
export function applyToHandle(
  handle: number,
  metadata: Metadata,
  policy: MetadataPolicy & { readonly isFolder: boolean; readonly modifiedSeconds: number | undefined },
): void {
  const { restorePermissions, isFolder, warn } = policy
  if (policy.skipMetadata) {
    attempt(warn, 'mode', () => fchmodSync(handle, (isFolder ? nineBits : 0o666) & ~policy.umask))
    return
  }
  if (restorePermissions) {
    const owner = ownerOf(metadata)
    if (owner) attempt(warn, 'owner', () => fchownSync(handle, owner.uid, owner.gid))
  }
  attempt(warn, 'mode', () => fchmodSync(handle, modeOf(metadata, policy)))
  const seconds = secondsOf(metadata) ?? policy.modifiedSeconds
  if (seconds !== undefined) attempt(warn, 'time', () => futimesSync(handle, seconds, seconds))
}

/** To a link itself, by a path whose last part is not followed. */
export function applyToLink(path: Buffer, metadata: Metadata, policy: MetadataPolicy): void {
  if (policy.skipMetadata) return
  const owner = policy.restorePermissions ? ownerOf(metadata) : undefined
  if (owner) attempt(policy.warn, 'owner', () => lchownSync(path, owner.uid, owner.gid))
  const seconds = secondsOf(metadata)
  if (seconds !== undefined) attempt(policy.warn, 'time', () => lutimesSync(path, seconds, seconds))
}

function modeOf(metadata: Metadata, policy: MetadataPolicy & { readonly isFolder: boolean }): number {
  const stored = metadata.mode === undefined ? undefined : metadata.mode & nineBits
  const usual = (policy.isFolder ? nineBits : 0o666) & ~policy.umask
  if (metadata === lostMetadata) return policy.isFolder ? 0o700 : 0o600
  if (stored === undefined) return usual
  if (policy.restorePermissions) return stored
  // The user who restores can always get at it.
  return (stored & ~policy.umask) | (policy.isFolder ? 0o700 : 0o600)
}

/** Names win over numbers where this machine knows them, as in stock. */
function ownerOf(metadata: Metadata): { readonly uid: number; readonly gid: number } | undefined {
  const { uid, gid, owner, group } = metadata
  const users = (names.users ??= idsByName('/etc/passwd'))
  const groups = (names.groups ??= idsByName('/etc/group'))
  const useUid = (owner === undefined ? undefined : users.get(owner)) ?? uid
  const useGid = (group === undefined ? undefined : groups.get(group)) ?? gid
  return useUid === undefined || useGid === undefined ? undefined : { uid: useUid, gid: useGid }
}

const names: { users?: Map<string, number>; groups?: Map<string, number> } = {}

function idsByName(path: string): Map<string, number> {
  const ids = new Map<string, number>()
  try {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const [name, , id] = line.split(':')
      if (name && id) ids.set(name, Number(id))
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error
  }
  return ids
}

function secondsOf(metadata: Metadata): number | undefined {
  return metadata.modifiedNs === undefined ? undefined : Number(metadata.modifiedNs) / nsPerSecond
}

function attempt(warn: (reason: string) => void, what: string, call: () => void): void {
  try {
    call()
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    warn(`its ${what} could not be set: ${messageOf(error)}`)
  }
}
