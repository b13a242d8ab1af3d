// Paths of entries, in bytes: below a root as the ports want them, and whole as a machine wants them. Pure.

const slash = Buffer.from('/')

/** A name put below a folder; the folder may be empty, which is the root. */
export function below(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, slash, name])
}

/** The whole path of something below the root. */
export function wholePath(root: Buffer, path: Buffer): Buffer {
  if (path.length === 0) return root
  return root.equals(slash) ? Buffer.concat([root, path]) : Buffer.concat([root, slash, path])
}

export function lastPart(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(slash) + 1)
}

/** A path for people: what is no text, and what would move the cursor, becomes the usual sign for that. */
export function showPath(path: Buffer): string {
  return path.toString().replace(/\p{Cc}/gu, '\ufffd')
}
