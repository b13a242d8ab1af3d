// One small fault for each lint rule that .oxlintrc.json names: the proof that oxlint knows the rule and that it fires.

/** Rule → the text of a file with the fault, or file names with their texts where one file cannot show it. */
export const lintProbes: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  'typescript/await-thenable': 'export async function f(): Promise<void> { await 1 }',
  'typescript/ban-ts-comment': '// @ts-ignore\nexport const a: string = 1',
  'typescript/no-deprecated':
    '/** @deprecated for g */ function f(): number { return 1 }\nexport const a = f()',
  'typescript/no-explicit-any': 'export const f = (a: any): unknown => a',
  'typescript/no-floating-promises': 'export function f(work: () => Promise<void>): void { work() }',
  'typescript/no-misused-promises': 'export function f(a: Promise<boolean>): number { return a ? 1 : 2 }',
  'typescript/no-non-null-assertion': 'export const f = (a?: string): string => a!',
  'typescript/no-unnecessary-type-assertion': 'export const f = (a: string): string => a as string',
  'typescript/no-unsafe-argument': 'export const f = (text: string): number => Math.abs(JSON.parse(text))',
  'typescript/no-unsafe-assignment': 'export function f(text: string): void { const a = JSON.parse(text) }',
  'typescript/no-unsafe-call': 'export function f(text: string): void { JSON.parse(text)() }',
  'typescript/no-unsafe-member-access':
    'export const f = (text: string): unknown => [JSON.parse(text).length]',
  'typescript/no-unsafe-return': 'export const f = (text: string): number => JSON.parse(text)',
  'typescript/only-throw-error': 'export function f(): never { throw "a" }',
  'typescript/prefer-promise-reject-errors': 'export const f = (): Promise<never> => Promise.reject("a")',
  'typescript/return-await':
    'export async function f(a: Promise<number>, b: () => void) { try { return a } catch { b() } }',
  'typescript/switch-exhaustiveness-check':
    'export function f(a: "b" | "c"): number { switch (a) { case "b": return 1 } return 2 }',

  complexity: `export function f(a: number): number { ${'if (a > 1) return 1\n'.repeat(20)} return 2 }`,
  'max-depth': `export function f(a: boolean): void { ${'if (a) {'.repeat(5)} f(a) ${'}'.repeat(5)} }`,
  'max-lines': '// a line\n'.repeat(501),
  'max-lines-per-function': `export function f(a: () => void): void {\n${'a()\n'.repeat(69)}}`,
  'max-params': 'export const f = (a: number, b: number, c: number, d: number): number => a + b + c + d',

  eqeqeq: 'export const f = (a: number, b: number): boolean => a == b',
  'no-console': 'console.log(1)',
  'no-empty': 'export function f(a: () => void): void { try { a() } catch {} }',
  'no-var': 'export var a = 1',
  'prefer-const': 'let a = 1\nexport const b = a',
  'import/no-cycle': {
    'one.ts': "import { b } from './two.ts'\nexport const a = (): number => b()",
    'two.ts': "import { a } from './one.ts'\nexport const b = (): number => a()",
  },
  'import/no-default-export': 'export default 1',
  'unicorn/filename-case': { 'camelCase.ts': 'export const a = 1' },
  'unicorn/prefer-node-protocol': "import { sep } from 'path'\nexport const a = sep",
}
