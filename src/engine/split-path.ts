// The path of an entry as the index keeps it: the folder that it lies in, and its name there. Both keep their
// separators, so that the two together are the path again, and a file and a folder of one name stay two.

/** Lists made on Windows separate with a backslash; their paths begin with a drive or two backslashes. */
export function splitPath(pathText: string): { readonly folderText: string; readonly name: string } {
  const separator = pathText.startsWith('/') ? '/' : '\\'
  // The root of a machine lies in no folder, not in itself.
  const cut = pathText.length < 2 ? 0 : pathText.lastIndexOf(separator, pathText.length - 2) + 1
  return { folderText: pathText.slice(0, cut), name: pathText.slice(cut) }
}
