// Misbehaviour on order. A test hands the server one function that sees every request and may name what shall go
// wrong with its answer; because it is a function of the test, it can count, aim at one path, and change its mind.
import type { Verb } from './sftp-wire.ts'

export interface RequestSeen {
  readonly verb: Verb
  /** How many requests of this verb came over all connections so far, this one included. */
  readonly nth: number
  /** The path asked for, or the path behind the handle; as the client named it, made absolute. */
  readonly path: Buffer | undefined
}

export type Fault =
  /** The line is cut, after the first `afterBytes` bytes of the answer (0 if left out) were sent. */
  | { readonly do: 'drop'; readonly afterBytes?: number }
  /** No answer, ever; later requests are answered. */
  | { readonly do: 'silence' }
  /** This status in place of the answer. */
  | { readonly do: 'status'; readonly code: number; readonly message?: string }
  /** The right answer under an id that was not asked. */
  | { readonly do: 'wrong-id' }
  /** The right answer with this length field in front. */
  | { readonly do: 'claim-length'; readonly lengthBytes: number }
  /** DATA with only the first `lengthBytes` bytes, as a server may do. For READ. */
  | { readonly do: 'short'; readonly lengthBytes: number }
  /** DATA that holds more bytes than were asked for. For READ. */
  | { readonly do: 'surplus'; readonly surplusBytes: number }
  /** One batch with these names before the real ones. For the first READDIR of a folder. */
  | { readonly do: 'names'; readonly names: readonly Buffer[] }
  /** A full batch of ever new names; the folder never ends while this is asked for. For READDIR. */
  | { readonly do: 'endless' }
  /** These bytes as they are, in place of the answer. */
  | { readonly do: 'raw'; readonly bytes: Buffer }

export type FaultPlan = (request: RequestSeen) => Fault | undefined
