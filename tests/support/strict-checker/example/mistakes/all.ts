// All mistakes the checker is tried with.
import { IN_AES } from './in-aes.ts'
import { IN_DBLOCK } from './in-dblock.ts'
import { IN_DINDEX } from './in-dindex.ts'
import { IN_DLIST } from './in-dlist.ts'
import { IN_FOLDER } from './in-folder.ts'
import { IN_MANIFEST } from './in-manifest.ts'
import { IN_METADATA } from './in-metadata.ts'
import type { Mistake } from './mistake.ts'
import { IN_ZIP } from './in-zip.ts'

export const MISTAKES: readonly Mistake[] = [
  ...IN_FOLDER,
  ...IN_ZIP,
  ...IN_AES,
  ...IN_MANIFEST,
  ...IN_DBLOCK,
  ...IN_DINDEX,
  ...IN_DLIST,
  ...IN_METADATA,
]
