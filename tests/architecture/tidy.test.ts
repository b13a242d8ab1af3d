// The house's own taste as a test rather than as a remark in a review.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeRules } from './code-rules.ts'
import { complaints, type Finding } from './exceptions.ts'
import { parse, projectFiles, projectFolder, sourceFiles, type SourceFile } from './project-files.ts'
import { sourceRules, textRules } from './text-rules.ts'

describe('no file breaks the rule on', () => {
  const files = projectFiles()
  const sources = sourceFiles()

  it.each(codeRules)('$name', ({ name, instead, appliesTo, breaks }) => {
    const findings = sources
      .filter((file) => appliesTo(file.path))
      .flatMap((file) =>
        file.nodes.filter(breaks).map((node) => finding(name, file, `${quote(file, node)}: ${instead}`)),
      )
    expect(complaints([name], findings)).toEqual([])
  })

  it.each(sourceRules)('$name', ({ name, faults }) => {
    const findings = sources.flatMap((file) => faults(file).map((fault) => finding(name, file, fault)))
    expect(complaints([name], findings)).toEqual([])
  })

  it.each(textRules)('$name', ({ name, faults }) => {
    const findings = files.flatMap((file) => faults(file).map((fault) => finding(name, file, fault)))
    expect(complaints([name], findings)).toEqual([])
  })
})

describe('the rule on', () => {
  it.each([
    ['x += await y', 'src/x.ts', 'total += await size()'],
    ['x += await y', 'src/x.ts', 'total -= (await list()).length'],
    ['reading a clock', 'src/x.ts', 'const a = Date.now()'],
    ['reading a clock', 'src/x.ts', 'const a = new Date()'],
    ['reading a clock', 'src/x.ts', 'const a = performance.now()'],
    ['drawing random bytes', 'src/x.ts', 'const a = Math.random()'],
    ['drawing random bytes', 'src/x.ts', "import { randomUUID } from 'node:crypto'"],
    ['export *', 'src/x.ts', "export * from './y.ts'"],
    ['inheritance', 'src/x.ts', 'class A extends B {}'],
    ['a decorator', 'src/x.ts', '@b class A {}'],
    ['sleeping in a test', 'src/x.test.ts', 'await sleep(10)'],
    ['sleeping in a test', 'src/x.test.ts', "import { setTimeout } from 'node:timers/promises'"],
  ])('%s sees, in %s: %s', (name, path, text) => {
    expect(codeFaults(name, path, text)).toBeGreaterThan(0)
  })

  it.each([
    ['x += await y', 'src/x.ts', 'const size = await next(); total += size // total += await next()'],
    ['reading a clock', 'src/x.ts', 'const a = new Date(clock.nowMs())'],
    ['reading a clock', 'src/x.test.ts', 'const a = Date.now()'],
    ['reading a clock', 'src/x.ts', "const a = 'Date.now()'"],
    ['inheritance', 'src/x.ts', 'class A extends Error {}'],
  ])('%s lets pass, in %s: %s', (name, path, text) => {
    expect(codeFaults(name, path, text)).toBe(0)
  })
})

describe('package.json', () => {
  const read = (name: string): string => readFileSync(join(projectFolder, name), 'utf8')

  it('names exact versions', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'))
    const versions = Object.entries<string>({ ...dependencies, ...devDependencies, ...optionalDependencies })
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  it('has a lock file that names no registry', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"')
  })
})

function codeFaults(name: string, path: string, text: string): number {
  const rule = codeRules.find((one) => one.name === name)
  return rule?.appliesTo(path) ? parse({ path, text }).nodes.filter(rule.breaks).length : 0
}

function finding(rule: string, file: { readonly path: string }, sentence: string): Finding {
  return { rule, where: file.path, sentence }
}

/** The first line of a piece of code, with its number. */
function quote(file: SourceFile, node: { readonly start: number; readonly end: number }): string {
  const line = file.text.slice(0, node.start).split('\n').length
  return `line ${line} has "${file.text.slice(node.start, node.end).split('\n')[0]}"`
}
