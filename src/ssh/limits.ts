// How long the other machine may take. One object, so that a test can say seconds where a user gets minutes.

export interface SshLimits {
  /** From the first packet to the end of the login. */
  readonly loginMs: number
  /** Between two signs of life on an idle connection; three missing ones end it. */
  readonly keepAliveMs: number
  /** An SFTP session that owes an answer and sends nothing at all for so long is taken for dead. */
  readonly silenceMs: number
  /** The longest that one request may wait while others are still answered. */
  readonly requestMs: number
  /** Waits before connecting again while the server says that too many are logging in. */
  readonly busyRetriesMs: readonly number[]
  /** Waits before each try to take a lost connection up again. */
  readonly reconnectMs: readonly number[]
  /** A folder with more names is not listed: some servers never come to an end. */
  readonly folderNames: number
}

export const usualLimits: SshLimits = {
  loginMs: 20_000,
  keepAliveMs: 15_000,
  silenceMs: 60_000,
  requestMs: 600_000,
  busyRetriesMs: [1000, 2000, 4000, 8000],
  // A router that starts again is back within half a minute.
  reconnectMs: [0, 1000, 5000, 15_000, 30_000],
  folderNames: 4_000_000,
}
