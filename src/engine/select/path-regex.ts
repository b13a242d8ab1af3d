// Regular expressions over whole paths, written for Duplicati and so for .NET, read by JavaScript. What both know means
// the same, but for `\d`, `\w` and `\b`, which know only ASCII here, and `.`, which takes line breaks too. What only
// .NET knows is refused: an expression that silently means something else would leave out what somebody loves.
import { messageOf, PullbackError } from '../../base/errors.ts'
import type { PathTest } from './glob.ts'

/** The expression must take the whole path. `BadArguments` for one that cannot be read. */
export function regexTest(source: string): PathTest {
  try {
    const written = forJavaScript(source)
    // By itself first: put between the anchors, `a)|(b` would be one.
    void new RegExp(written, 'su')
    const expression = new RegExp(`^(?:${written})$`, 'su')
    return (path) => expression.test(path)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new PullbackError('BadArguments', {
      what: `the pattern [${source}] is not a regular expression that can be read here: ${messageOf(error)}`,
      subject: source,
      advice: 'What only .NET knows cannot be used; a sign that stands for itself needs a backslash.',
      cause: error,
    })
  }
}

/** .NET lets any sign be escaped, the strict mode of JavaScript only those that mean something. */
function forJavaScript(source: string): string {
  const [, ignoreCase, rest = ''] = /^(\(\?i\))?(.*)$/s.exec(source) ?? []
  const escaped = rest.replace(/\\([\s\S])/g, (pair, sign: string) =>
    /[\u0020-\u007e]/.test(sign) && !/[\w^$\\.*+?()[\]{}|/]/.test(sign) ? hexEscape(sign) : pair,
  )
  return ignoreCase ? `(?i:${escaped})` : escaped
}

function hexEscape(sign: string): string {
  return `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`
}
