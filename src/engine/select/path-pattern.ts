// The patterns that people name files of a backup with, in Duplicati's grammar: a literal path, a glob whose `*`
// crosses separators, `[regular expression]`, `@` first for literal. A bare name is looked for in every folder.
import { globTest, type PathTest } from './glob.ts'
import { regexTest } from './path-regex.ts'

/** A test that holds for a path when any of the patterns does; with no pattern, for every path. */
export function anyPattern(patterns: readonly string[]): PathTest {
  if (patterns.length === 0) return () => true
  const tests = patterns.map(patternTest)
  return (path) => tests.some((test) => test(path))
}

function patternTest(pattern: string): PathTest {
  if (pattern.startsWith('@')) return literalTest(pattern.slice(1))
  if (pattern.startsWith('[') && pattern.endsWith(']')) return regexTest(pattern.slice(1, -1))
  const rooted = /[/\\]/.test(pattern) ? pattern : `*/${pattern}`
  const below = /[/\\]$/.test(rooted) ? `${rooted}*` : rooted
  if (!/[*?]/.test(below)) return literalTest(below)
  const test = globTest(below)
  // A folder is named without its separator as often as with it: it then stands for itself and all below it.
  const folder = globTest(below.endsWith('*') ? below : `${below}/*`)
  return (path) => test(path) || folder(path)
}

function literalTest(path: string): PathTest {
  const bare = path.replace(/[/\\]+$/, '')
  return (candidate) =>
    candidate === bare || (candidate.startsWith(bare) && /[/\\]/.test(candidate.charAt(bare.length)))
}
