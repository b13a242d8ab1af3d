// An ordered list of filters in Duplicati's grammar: `/path/file`, `/path/folder/`, globs, `[regular expression]`,
// `{Group}`, `@` first for literal. The first that matches decides; if none does, an entry is in, unless the list
// only includes. Paths are text (format/path-text.ts), in one case, folders with their trailing separator. A filter
// that no path could ever match is refused, because it would be passed over without a word.
import { PullbackError } from '../../base/errors.ts'
import { patternsOfGroups } from './filter-groups.ts'
import { globTest, type PathTest } from './glob.ts'
import { regexTest } from './path-regex.ts'

export interface Filter {
  readonly kind: 'include' | 'exclude'
  readonly pattern: string
}

export interface FilterList {
  readonly filters: readonly Filter[]
  /**
   * Which filter decides, by its place in the list from 0; undefined if none does. An entry may be known by several
   * paths: a filter that matches any of them matches the entry.
   */
  readonly deciding: (paths: readonly string[]) => number | undefined
  /** True when all filters include: what none of them matches is then left out. */
  readonly onlyIncludes: boolean
  /**
   * The literal filter that names a folder but lacks the separator at its end, and so does not match it: surely not
   * what was meant.
   */
  readonly lacksSeparator: (folderPath: string) => string | undefined
}

/** `BadArguments` for a filter that cannot be read. */
export function filterList(filters: readonly Filter[]): FilterList {
  const tests = filters.map(({ pattern }) => filterTest(pattern))
  const literals = new Map<string, string>()
  for (const { pattern } of filters) {
    const literal = literalOf(pattern)
    if (literal !== undefined) literals.set(`${literal}/`, pattern)
  }
  return {
    filters,
    deciding: (paths) => {
      for (const [at, test] of tests.entries()) if (paths.some(test)) return at
      return undefined
    },
    onlyIncludes: filters.length > 0 && filters.every(({ kind }) => kind === 'include'),
    lacksSeparator: (folderPath) => literals.get(folderPath),
  }
}

function filterTest(pattern: string): PathTest {
  const literal = literalOf(pattern)
  if (literal !== undefined) {
    requireRooted(pattern, literal, /^\//)
    return (path) => path === literal
  }
  if (isRegex(pattern)) return regexTest(pattern.slice(1, -1))
  if (isGroup(pattern)) {
    const tests = patternsOfGroups(pattern.slice(1, -1)).map(filterTest)
    return (path) => tests.some((test) => test(path))
  }
  requireRooted(pattern, pattern, /^[/*?]/)
  return globTest(pattern)
}

/** The path that a literal filter names; undefined for other filters. */
function literalOf(pattern: string): string | undefined {
  if (pattern.startsWith('@')) return pattern.slice(1)
  return isRegex(pattern) || isGroup(pattern) || /[*?]/.test(pattern) ? undefined : pattern
}

function isRegex(pattern: string): boolean {
  return pattern.startsWith('[') && pattern.endsWith(']')
}

function isGroup(pattern: string): boolean {
  return pattern.startsWith('{') && pattern.endsWith('}')
}

function requireRooted(pattern: string, path: string, beginning: RegExp): void {
  if (beginning.test(path)) return
  throw new PullbackError('BadArguments', {
    what: `the filter ${pattern} matches no path: every path begins with /`,
    subject: pattern,
    advice: `For this name in any folder write */${path}, for a folder of this name */${path.replace(/\/$/, '')}/.`,
  })
}
