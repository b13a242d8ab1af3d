// How a folder of this machine is written as a destination: `file:///path`, `file://path`, or a path as it is. All
// three are Duplicati's. In a URL `%20` stands for a blank and `?` begins options; in a plain path both are themselves.
import { resolve } from 'node:path'
import { PullbackError } from '../../base/errors.ts'

/**
 * The absolute path of the folder that `text` names; a relative one begins at the working folder. Fails with
 * `BadArguments` for a URL of another scheme, options, a broken escape, or nothing at all.
 */
export function folderOfUrl(text: string): string {
  const path = /^file:\//i.test(text) ? pathOfUrl(text) : text
  if (path === '') throw refused(text, 'it names no folder')
  if (path.includes('\0')) throw refused(text, 'a path cannot hold a zero byte')
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) throw refused(text, 'it is not a folder of this machine')
  return resolve(path)
}

function pathOfUrl(url: string): string {
  // `file:/path` is the short form of RFC 8089; after two slashes Duplicati takes all that follows as the path.
  const path = url.startsWith('//', 5) ? url.slice(7) : url.slice(5)
  if (path.includes('?')) throw refused(url, 'a folder takes no options; write a ? of its name as %3F')
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause
    throw refused(url, 'a % in a URL begins an escape of two hex digits; write a % of the name as %25', cause)
  }
}

function refused(text: string, why: string, cause?: unknown): PullbackError {
  return new PullbackError('BadArguments', {
    what: `${JSON.stringify(text)} cannot be used as a destination: ${why}`,
    cause,
  })
}
