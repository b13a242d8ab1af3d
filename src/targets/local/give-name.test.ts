import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { giveName } from './give-name.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullback-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

function refusing(code: string): () => Promise<void> {
  return () => Promise.reject(Object.assign(new Error(code), { code }))
}

const fileSystems = [
  { kind: 'with hard links', link: undefined },
  ...['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].map((code) => ({
    kind: `that answers ${code}`,
    link: refusing(code),
  })),
]

describe.each(fileSystems)('giving an upload its name on a file system $kind', ({ link }) => {
  const naming = (): Parameters<typeof giveName>[0] => {
    const paths = { from: join(folder, 'from'), to: join(folder, 'to') }
    return link ? { ...paths, link } : paths
  }

  it('leaves the new name alone', async () => {
    await writeFile(join(folder, 'from'), 'new')
    await giveName(naming())
    expect(await readdir(folder)).toEqual(['to'])
    expect(await readFile(join(folder, 'to'), 'utf8')).toBe('new')
  })

  it('never replaces a file', async () => {
    await writeFile(join(folder, 'from'), 'new')
    await writeFile(join(folder, 'to'), 'old')
    await expect(giveName(naming())).rejects.toMatchObject({ code: 'DestinationNameTaken' })
    expect(await readFile(join(folder, 'to'), 'utf8')).toBe('old')
    expect(await readdir(folder)).toHaveLength(2)
  })
})

describe('giving an upload its name', () => {
  it('reports any other refusal as what it is', async () => {
    await writeFile(join(folder, 'from'), 'new')
    const paths = { from: join(folder, 'from'), to: join(folder, 'to') }
    const naming = giveName({ ...paths, link: refusing('ENOSPC') })
    await expect(naming).rejects.toMatchObject({ code: 'DestinationFull', subject: paths.to })
    expect(await readdir(folder)).toEqual(['from'])
  })
})
