// What a run says may go nowhere: the run itself must not suffer from it. Starts the program without its launcher.
import { spawn, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const program = join(import.meta.dirname, '../../src/main.ts')

async function backup(stdio: StdioOptions, unread = false): Promise<{ code: unknown; files: string[] }> {
  const folder = tempFolder()
  const [tree, target] = [join(folder, 'tree'), join(folder, 'backup')]
  mkdirSync(tree)
  // Work enough for progress to be told while it lasts.
  for (let at = 0; at < 60; at += 1) writeFileSync(join(tree, `f${at}`), contentOf(`f${at}`, 1_000_000))
  const args = [program, 'backup', target, tree, join(folder, 'nowhere'), '--no-encryption']
  const env = { ...process.env, PULLBACK_DATA: join(folder, 'data'), TMPDIR: folder }
  const child = spawn(process.execPath, args, { env, stdio })
  if (unread) for (const output of [child.stdout, child.stderr]) output?.destroy()
  const [code] = (await once(child, 'close')) as unknown[]
  return { code, files: readdirSync(target).filter((name) => name.includes('.dlist.')) }
}

describe('a backup', () => {
  it('ends as it would, with its version, when nobody reads what it says', async () => {
    const { code, files } = await backup(['ignore', 'pipe', 'pipe'], true)
    expect({ code, versions: files.length }).toEqual({ code: 3, versions: 1 })
  })

  it('keeps its version and ends with 100 when its report cannot be written', async () => {
    const full = openSync('/dev/full', 'w')
    const { code, files } = await backup(['ignore', full, 'ignore'])
    closeSync(full)
    expect({ code, versions: files.length }).toEqual({ code: 100, versions: 1 })
  })
})
