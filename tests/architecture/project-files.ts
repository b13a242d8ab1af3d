// The files of the project for the tests of this folder: all that git would keep, read once; and TypeScript as a
// syntax tree, so that a rule sees code and not words in comments or strings.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseSync, visitorKeys, type Comment, type Node } from 'oxc-parser'

export const projectFolder = resolve(import.meta.dirname, '../..')

export interface ProjectFile {
  /** From the project folder, parts joined by `/`. */
  readonly path: string
  readonly text: string
}

export interface SourceFile extends ProjectFile {
  readonly nodes: readonly Node[]
  readonly comments: readonly Comment[]
}

/** Every text file that is not ignored by git. */
export function projectFiles(): readonly ProjectFile[] {
  const ignored = readFileSync(join(projectFolder, '.gitignore'), 'utf8').split('\n')
  const skipped = new Set(['.git', ...ignored.map((line) => line.replaceAll('/', ''))])
  const found: ProjectFile[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(projectFolder, folder), { withFileTypes: true })) {
      if (skipped.has(entry.name)) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile()) found.push({ path, text: readFileSync(join(projectFolder, path), 'utf8') })
    }
  }
  walk('')
  return found.filter((file) => !file.text.includes('\0'))
}

/** Every TypeScript file, parsed. */
export function sourceFiles(): readonly SourceFile[] {
  return projectFiles()
    .filter((file) => file.path.endsWith('.ts'))
    .map(parse)
}

export function parse(file: ProjectFile): SourceFile {
  const { program, comments } = parseSync(file.path, file.text)
  return { ...file, nodes: [...nodesOf(program)], comments }
}

/** A tree in the order of its text: each node before what it holds. */
export function* nodesOf(node: Node): Iterable<Node> {
  yield node
  const fields = node as unknown as Readonly<Record<string, unknown>>
  for (const key of visitorKeys[node.type] ?? []) {
    for (const child of [fields[key]].flat()) {
      if (child !== null && typeof child === 'object') yield* nodesOf(child as Node)
    }
  }
}

/** True for tests and for the suites that an adapter's test calls: code that never runs in the product. */
export function isTest(path: string): boolean {
  return /\.test\.ts$|\/suite\.ts$|\/suite\/|^tests\//.test(path)
}
