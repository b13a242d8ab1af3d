// How the volumes of one backup are written, and what is known of one when it is done. Plain data: it crosses to the
// worker threads.

export interface VolumeProfile {
  /** Bytes; fixed for the backup's whole life. */
  readonly blocksize: number
  /** Milliseconds since 1970, for the manifest. */
  readonly createdMs: number
  readonly appVersion: string
  /** Undefined: not encrypted. */
  readonly passphrase: string | undefined
  /** Of deflate, 0 to 9; 0 stores. */
  readonly level: number
}

export interface FinishedFile {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: Uint8Array
}
