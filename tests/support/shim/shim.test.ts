// The shim is believed by other tests: that it sees all that a run does to files, in order, and does the harm that it
// is asked for.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../temp-folder.ts'
import { runUnderShim, type Harm } from './run-under-shim.ts'
import { shimMissing } from './shim-library.ts'

/** System calls by the kind under which the shim counts them; `openat` counts where it may make a file. */
const kinds: Readonly<Record<string, string>> = {
  write: 'write',
  writev: 'write',
  pwrite64: 'write',
  pwritev: 'write',
  pwritev2: 'write',
  fsync: 'fsync',
  fdatasync: 'fsync',
  link: 'link',
  linkat: 'link',
  rename: 'rename',
  renameat: 'rename',
  renameat2: 'rename',
  unlink: 'unlink',
  unlinkat: 'unlink',
  rmdir: 'unlink',
  ftruncate: 'truncate',
  mkdir: 'mkdir',
  mkdirat: 'mkdir',
  symlink: 'symlink',
  symlinkat: 'symlink',
  open: 'create',
  openat: 'create',
  fallocate: 'never',
  sendfile: 'never',
  copy_file_range: 'never',
  sync_file_range: 'never',
  truncate: 'never',
  msync: 'never',
}

function scene(): { readonly folder: string; readonly args: string[] } {
  const folder = tempFolder()
  mkdirSync(join(folder, 'place', 'temp'), { recursive: true })
  mkdirSync(join(folder, 'tree'))
  for (const name of ['a', 'b']) writeFileSync(join(folder, 'tree', name), name.repeat(3000))
  const place = join(folder, 'place')
  const files = [`--dbpath=${place}/index/index.sqlite`, `--tempdir=${place}/temp`]
  const args = ['backup', join(place, 'backup'), join(folder, 'tree'), '--no-encryption', ...files]
  return { folder: place, args }
}

async function harmed(harm: Harm): Promise<Awaited<ReturnType<typeof runUnderShim>>> {
  const { folder, args } = scene()
  return runUnderShim(args, { folder, harm })
}

describe.skipIf(shimMissing())('the shim', () => {
  it.skipIf(straceMissing())('sees every change of a file that strace sees', async () => {
    const { folder, args } = scene()
    const log = join(tempFolder(), 'strace')
    const calls = `trace=${Object.keys(kinds).join(',')}`
    // One thread after the other, or the kernel's answer would stand lines below the call.
    const wrapper = ['strace', '-f', '-y', '-qq', '-s', '0', '-e', calls, '-o', log]
    const { exitCode, effects } = await runUnderShim(args, { folder, wrapper })
    expect(exitCode).toBe(0)
    expect(countsOf(effects.map(({ kind }) => kind))).toEqual(countsOf(seenByStrace(log, folder)))
  })

  it('kills before the call, and after it', async () => {
    for (const how of ['kill-before', 'kill-after'] as const) {
      const { exitCode, effects } = await harmed({ how, at: 2, kinds: ['create'] })
      expect(exitCode).toBeUndefined()
      const made = effects.filter(({ kind }) => kind === 'create').map(({ path }) => existsSync(path))
      expect(made).toEqual([true, how === 'kill-after'])
    }
  })

  it('makes one call fail, or all from then on', async () => {
    const folders = { how: 'fail-once', kinds: ['mkdir'], errorNumber: 28 } as const
    const once = await harmed({ ...folders, at: 1 })
    expect(once.exitCode).toBe(100)
    expect(once.err).toContain('ENOSPC')
    const never = await harmed({ ...folders, at: 1000 })
    expect(never.exitCode).toBe(0)
  })

  it('tells the path of what goes through the descriptor of a folder', async () => {
    const { folder, args } = scene()
    await runUnderShim(args, { folder })
    const out = join(folder, 'out')
    const restore = ['restore', join(folder, 'backup'), '--no-encryption', `--restore-path=${out}`]
    const { effects } = await runUnderShim(restore, { folder })
    const named = effects.filter(({ kind }) => kind === 'link' || kind === 'rename').map(({ to }) => to)
    expect(new Set(named.filter((to) => to !== undefined && /\/out\/[^.]/.test(to)))).toEqual(
      new Set([`${out}/a`, `${out}/b`]),
    )
    expect(existsSync(join(out, 'a'))).toBe(true)
  })
})

function straceMissing(): boolean {
  const tried = spawnSync('strace', ['-o', '/dev/null', 'true'], { encoding: 'utf8' })
  if (tried.status === 0) return false
  process.stderr.write(`\nSKIPPED: strace cannot be used here: ${tried.error?.message ?? tried.stderr}\n`)
  return true
}

/** The kinds of the calls that strace saw below the folder. */
function seenByStrace(log: string, folder: string): string[] {
  const lines = wholeCalls(readFileSync(log, 'utf8')).filter((line) => line.includes(`${folder}/`))
  return lines.flatMap((line) => {
    const name = /^(\w+)\(/.exec(line)?.[1] ?? ''
    const kind = kinds[name] ?? name
    if (kind === 'create' && !line.includes('O_CREAT')) return []
    // remove() tries both; the shim counts it as one call.
    return name === 'unlink' && line.includes('EISDIR') ? [] : [kind]
  })
}

/** Calls that another thread interrupted are told in two lines: `<unfinished ...>` and `<... resumed>`. */
function wholeCalls(log: string): string[] {
  const open = new Map<string, string>()
  return log.split('\n').flatMap((line) => {
    const [, thread = '', text = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    if (text.endsWith('<unfinished ...>')) {
      open.set(thread, text)
      return []
    }
    return text.startsWith('<... ') ? [`${open.get(thread) ?? ''} ${text}`] : [text]
  })
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
