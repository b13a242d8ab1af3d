// No document points to what is not there, and the picture of the house shows the house.
import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allowedFor, roomOf } from './border.ts'
import { projectFiles, projectFolder } from './project-files.ts'
import { rooms } from './rooms.ts'

const files = projectFiles()
const there = (path: string): boolean => existsSync(posix.join(projectFolder, path))

describe('the documents', () => {
  it('link only to files that are there', () => {
    const dead = files
      .filter((file) => file.path.endsWith('.md'))
      .flatMap((file) =>
        relativeLinks(file.text)
          .filter((link) => !there(posix.join(posix.dirname(file.path), link)))
          .map((link) => `${file.path} links to ${link}`),
      )
    expect(dead).toEqual([])
  })

  it('are there when the sources speak of them', () => {
    const dead = files
      .filter((file) => file.path.endsWith('.ts'))
      .flatMap((file) =>
        [...file.text.matchAll(/\bdocs\/[\w/-]+(?:\.md)?/g)]
          .map(([path]) => path)
          .filter((path) => !there(path))
          .map((path) => `${file.path} speaks of ${path}`),
      )
    expect(dead).toEqual([])
  })

  it('show the rooms and what they may import as they are', () => {
    const page = files.find((file) => file.path === 'docs/architecture.md')
    const shown = page?.text.split('\n').filter((line) => /^\| \d \|/.test(line))
    expect(shown).toEqual(roomLines())
  })
})

/** Targets of links and images, without web addresses and without the part after `#`. */
function relativeLinks(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g)]
    .map(([, link = '']) => link.replace(/#.*/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
}

/** One line for each room that has files: the table has room for more. */
function roomLines(): readonly string[] {
  const used = new Set(files.filter((file) => file.path.startsWith('src/')).map((file) => roomOf(file.path)))
  return Object.entries(rooms)
    .filter(([name]) => used.has(name))
    .toSorted(([, a], [, b]) => b.floor - a.floor)
    .map(([name, { floor, job }]) => `| ${floor} | \`${name}\` | ${job} | ${allowedFor(name)} |`)
}
