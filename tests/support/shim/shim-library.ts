// The compiled shim (shim.c): made by the C compiler of this machine at first use and kept beside the packages, under a
// name that changes with its source. Without a compiler the tests that need it are skipped, aloud; under CI=true that
// is a failure.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const source = join(import.meta.dirname, 'shim.c')
const cacheFolder = join(import.meta.dirname, '../../../node_modules/.cache/shim')
const compilers = ['cc', 'gcc', 'clang']

/** True, and said aloud, when there is no compiler; an error where everything must run. */
export function shimMissing(): boolean {
  if (compiler() !== undefined) return false
  const reason = 'there is no C compiler (Debian: gcc and libc6-dev)'
  if (process.env['CI'] === 'true') throw new Error(reason)
  process.stderr.write(`\nSKIPPED: ${reason}\n`)
  return true
}

/** Path of the library, for LD_PRELOAD. */
export function shimLibrary(): string {
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16)
  const library = join(cacheFolder, `shim-${hash}.so`)
  if (!existsSync(library)) compile(library)
  return library
}

/** Made elsewhere and moved: another process may want it at the same time. */
function compile(library: string): void {
  mkdirSync(cacheFolder, { recursive: true })
  const folder = mkdtempSync(join(cacheFolder, 'new-'))
  const made = join(folder, 'shim.so')
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC']
  const run = spawnSync(compiler() ?? 'cc', [...flags, '-o', made, source, '-ldl', '-lpthread'], {
    encoding: 'utf8',
  })
  if (run.status !== 0) throw new Error(`the shim does not compile: ${run.stderr || String(run.error)}`)
  renameSync(made, library)
  rmSync(folder, { recursive: true })
}

function compiler(): string | undefined {
  return compilers.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0)
}
