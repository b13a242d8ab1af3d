// What a run tells while it works: plain counters that the engine raises and anyone may look at whenever they like.

export type Phase =
  | 'connecting'
  | 'checking the destination'
  | 'rebuilding the index'
  | 'waiting for another run'
  | 'reading files'
  | 'finishing volumes'
  | 'writing the file list'
  | 'checking the result'
  | 'looking for what goes'
  | 'choosing old versions'
  | 'deleting old versions'
  | 'checking volumes'
  | 'looking for waste'
  | 'writing volumes anew'
  | 'deleting volumes'
  | 'reading the file list'
  | 'planning'
  | 'restoring files'
  | 'finishing folders'
  | 'comparing files'
  | 'reading metadata'
  | 'done'

export class Progress {
  phase: Phase = 'connecting'
  /** What the phase is about, for people: a source, a volume. */
  subject = ''
  /** Files found so far, and all their bytes. */
  filesFound = 0
  bytesFound = 0
  /** Of these: files and bytes dealt with, be it read or seen to be unchanged. */
  filesDone = 0
  bytesDone = 0
  /** Bytes really read from sources, or written to the restore target. */
  bytesMoved = 0
  /** Bytes sent to or fetched from the destination. */
  bytesTransferred = 0
  /** Volumes that a rebuild of the index is to fetch, as far as is known, and their bytes; and what it has fetched. */
  volumesFound = 0
  volumeBytesFound = 0
  volumesDone = 0
  volumeBytesDone = 0
  /** Waiting for the destination to come back: which try of a call comes next. */
  waitsForTry: number | undefined
  /** True when `filesFound` and `bytesFound` will not grow any more. */
  allFound = false
}
