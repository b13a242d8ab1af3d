// Rules on the text of files: lines, names, heads, comments, and words that do not belong into the project.
import { basename } from 'node:path'
import type { ProjectFile, SourceFile } from './project-files.ts'

const lineLimit = 120
const emptyNames = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'misc',
  'manager',
  'service',
  'services',
])

interface TextRule {
  readonly name: string
  /** What is wrong with the file, as sentences. */
  readonly faults: (file: ProjectFile) => readonly string[]
}

/** For every text file of the project. */
export const textRules: readonly TextRule[] = [
  {
    name: 'unfinished',
    faults: (file) => linesWith(file, /\b(TO[D]O|FIX[M]E)\b/, 'finish it, or write down why it is as it is'),
  },
  {
    name: 'machine path',
    faults: (file) => linesWith(file, /(?<![\w.])\/(work|tmp)\/\w/, 'name no folder of one machine'),
  },
]

interface SourceRule {
  readonly name: string
  readonly faults: (file: SourceFile) => readonly string[]
}

/** For every TypeScript file. */
export const sourceRules: readonly SourceRule[] = [
  {
    name: 'long line',
    faults: (file) =>
      file.text
        .split('\n')
        .flatMap((line, index) =>
          line.length > lineLimit ? [`line ${index + 1} is longer than ${lineLimit} characters`] : [],
        ),
  },
  {
    name: 'empty name',
    faults: (file) =>
      file.path
        .replace(/\.ts$/, '')
        .split(/[/.-]/)
        .filter((word) => emptyNames.has(word))
        .map((word) => `"${word}" says nothing: name the idea`),
  },
  {
    name: 'no head',
    faults: (file) =>
      file.comments[0]?.start === 0 || basename(file.path).endsWith('.test.ts')
        ? []
        : ['begins without a comment on what it is for'],
  },
  {
    name: 'silent exception',
    faults: (file) =>
      file.comments
        .map((comment) => comment.value.trim())
        .filter((text) => /^(ox|es)lint-disable/.test(text))
        .filter((text) => !/^oxlint-disable-next-line \S+ -- \S+/.test(text))
        .map((text) => `"${text}" must be "oxlint-disable-next-line rule -- reason"`),
  },
]

function linesWith(file: ProjectFile, pattern: RegExp, advice: string): readonly string[] {
  return file.text
    .split('\n')
    .flatMap((line, index) =>
      pattern.test(line) ? [`line ${index + 1} has "${line.trim()}": ${advice}`] : [],
    )
}
