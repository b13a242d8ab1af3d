// A rule name that oxlint does not know is accepted without a word, and a type-aware rule is silent when its checker
// is missing. So each rule that the configuration switches on must be seen to fire on a planted fault.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lintProbes } from './lint-probes.ts'

const project = resolve(import.meta.dirname, '../..')

describe('a lint rule that is switched on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullback-lint-'))
  const folderOf = (rule: string): string => join(folder, rule.replace('/', '-'))
  /** Rules reported, by folder. */
  const reported = new Map<string, Set<string>>()

  beforeAll(() => {
    const compilerOptions = { types: ['node'], typeRoots: [join(project, 'node_modules/@types')] }
    const tsconfig = { extends: join(project, 'tsconfig.json'), compilerOptions, include: ['.'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
    for (const [rule, probe] of Object.entries(lintProbes)) {
      mkdirSync(folderOf(rule))
      const files = typeof probe === 'string' ? { 'probe.ts': probe } : probe
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folderOf(rule), name), `${text}\n`)
    }
    for (const { code, filename } of lint(folder)) {
      const probed = resolve(filename, '..')
      reported.set(probed, (reported.get(probed) ?? new Set()).add(ruleOf(code)))
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(Object.keys(lintProbes))('fires: %s', (rule) => {
    expect([...(reported.get(folderOf(rule)) ?? [])]).toContain(rule)
  })

  it('has a planted fault here', () => {
    expect(Object.keys(lintProbes).sort()).toEqual(rulesSwitchedOn().sort())
  })
})

interface Diagnostic {
  /** `typescript(no-explicit-any)`. */
  readonly code: string
  readonly filename: string
}

function lint(folder: string): readonly Diagnostic[] {
  const config = ['--config', join(project, '.oxlintrc.json'), '--type-aware', '--format', 'json']
  const run = spawnSync(join(project, 'node_modules/.bin/oxlint'), [...config, folder], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect(run.status, run.stderr).toBe(1)
  return (JSON.parse(run.stdout) as { diagnostics: Diagnostic[] }).diagnostics
}

/** `typescript(no-explicit-any)` is written `typescript/no-explicit-any` in the configuration, `eslint(x)` just `x`. */
function ruleOf(code: string): string {
  const [, plugin, name] = /^([\w-]+)\((.+)\)$/.exec(code) ?? []
  return plugin === 'eslint' ? `${name}` : `${plugin}/${name}`
}

function rulesSwitchedOn(): string[] {
  const config = JSON.parse(readFileSync(join(project, '.oxlintrc.json'), 'utf8')) as {
    rules: Record<string, string | [string, ...unknown[]]>
  }
  return Object.entries(config.rules)
    .filter(([, setting]) => [setting].flat()[0] !== 'off')
    .map(([rule]) => rule)
}
