// The files of the demo's machine: sources that every checkout has, and everything awkward.
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { awkwardTree } from '../../tests/support/trees.ts'

const packages = ['@types/node', 'commander', 'ssh2', 'vitest', 'vite', 'fast-check', 'yaml']

export function fillMachine(tree: string, modules: string): void {
  const projects = join(tree, 'home', 'projects')
  mkdirSync(projects, { recursive: true })
  for (const name of packages)
    cpSync(join(modules, name), join(projects, name), { recursive: true, preserveTimestamps: true })
  const awkward = join(tree, 'home', 'awkward')
  awkwardTree(awkward)
  // Root can read it; anybody else would only see that it is listed as unreadable, which the tests show.
  if (process.getuid?.() !== 0) chmodSync(join(awkward, 'modes', 'mode-0000'), 0o400)
  age(tree)
}

/** Files made a moment ago would be read twice, because they might change within the second: these are an hour old. */
function age(tree: string): void {
  const fresh = ['-newermt', '10 minutes ago']
  execFileSync('find', [tree, ...fresh, '-exec', 'touch', '-h', '-d', '1 hour ago', '{}', '+'])
}

/** Rewrites, adds, renames and removes a few things; says what. */
export function changeMachine(tree: string): string {
  const projects = join(tree, 'home', 'projects')
  appendFileSync(join(projects, 'commander', 'LICENSE'), '\nOne more line.\n')
  writeFileSync(join(projects, 'notes.txt'), 'Written between the first and the second backup.\n')
  renameSync(join(projects, 'yaml'), join(projects, 'yaml-renamed'))
  rmSync(join(projects, 'fast-check', 'README.md'))
  symlinkSync('notes.txt', join(projects, 'link-to-notes'))
  return 'One file grew, one is new, one is gone, one link was made, and a folder of 233 files has a new name.'
}
