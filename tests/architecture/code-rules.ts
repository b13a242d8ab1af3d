// Rules on code that neither the compiler nor the linter has, each with what to write instead. They see the syntax
// tree, so words in comments and strings are free.
// Left to the compiler (erasableSyntaxOnly): enum, namespace, parameter properties. Left to the linter: sizes, any,
// non-null assertions, default exports, console, file names in kebab-case, import cycles.
import type { Node } from 'oxc-parser'
import { isTest, nodesOf } from './project-files.ts'

interface CodeRule {
  readonly name: string
  readonly instead: string
  readonly appliesTo: (path: string) => boolean
  readonly breaks: (node: Node) => boolean
}

const everywhere = (): boolean => true
const product = (path: string): boolean => path.startsWith('src/') && !isTest(path)
const randomNames = /^(randomBytes|randomInt|randomUUID|randomFill|randomFillSync|getRandomValues)$/

export const codeRules: readonly CodeRule[] = [
  {
    name: 'x += await y',
    instead: 'wait first, then add: the old value is read before the wait',
    appliesTo: everywhere,
    breaks: (node) =>
      node.type === 'AssignmentExpression' &&
      node.operator !== '=' &&
      [...nodesOf(node.right)].some((part) => part.type === 'AwaitExpression'),
  },
  {
    name: 'reading a clock',
    instead: 'take a Clock (src/base/clock.ts)',
    appliesTo: (path) => product(path) && path !== 'src/base/clock.ts',
    breaks: (node) =>
      isMember(node, 'Date', 'now') ||
      isMember(node, 'performance', 'now') ||
      isMember(node, 'process', 'hrtime') ||
      ((node.type === 'NewExpression' || node.type === 'CallExpression') &&
        isName(node.callee, 'Date') &&
        node.arguments.length === 0),
  },
  {
    name: 'drawing random bytes',
    instead: 'take a Randomness (src/base/randomness.ts)',
    appliesTo: (path) => product(path) && path !== 'src/base/randomness.ts',
    breaks: (node) =>
      isMember(node, 'Math', 'random') || (node.type === 'Identifier' && randomNames.test(node.name)),
  },
  {
    name: 'export *',
    instead: 'export by name, or import the file itself',
    appliesTo: everywhere,
    breaks: (node) => node.type === 'ExportAllDeclaration',
  },
  {
    name: 'inheritance',
    instead: 'hold the other object; only an error extends Error',
    appliesTo: everywhere,
    breaks: (node) =>
      (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') &&
      node.superClass !== null &&
      !isName(node.superClass, 'Error'),
  },
  {
    name: 'a decorator',
    instead: 'call a function',
    appliesTo: everywhere,
    breaks: (node) => node.type === 'Decorator',
  },
  {
    name: 'sleeping in a test',
    instead: 'wait for the event itself',
    appliesTo: (path) => path.endsWith('.test.ts'),
    breaks: (node) =>
      (node.type === 'CallExpression' && isName(node.callee, 'sleep')) ||
      (node.type === 'ImportDeclaration' && node.source.value === 'node:timers/promises'),
  },
]

function isName(node: Node, name: string): boolean {
  return node.type === 'Identifier' && node.name === name
}

function isMember(node: Node, object: string, property: string): boolean {
  return node.type === 'MemberExpression' && isName(node.object, object) && isName(node.property, property)
}
