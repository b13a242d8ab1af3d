import { expect, it } from 'vitest'
import { refuseShrunk } from './refuse-shrunk.ts'

const none = { stayed: 0, gone: 0, appeared: 0 }

it.each([
  { stayed: 0, gone: 1, appeared: 0 },
  { stayed: 0, gone: 500, appeared: 0 },
  { stayed: 40, gone: 60, appeared: 0 },
  { stayed: 5, gone: 15, appeared: 2 },
])('a source of which most is gone is refused: %o', (after) => {
  expect(() => refuseShrunk('/srv', none, after)).toThrow(expect.objectContaining({ code: 'SourceShrunk' }))
})

it.each([
  { stayed: 0, gone: 0, appeared: 0 },
  { stayed: 0, gone: 1, appeared: 1 },
  { stayed: 2, gone: 9, appeared: 0 },
  { stayed: 50, gone: 50, appeared: 0 },
  { stayed: 0, gone: 900, appeared: 900 },
])('few that go, as many as come, or half of them are let pass: %o', (after) => {
  expect(() => refuseShrunk('/srv', none, after)).not.toThrow()
})

it('counts only what happened since', () => {
  const before = { stayed: 0, gone: 500, appeared: 0 }
  expect(() => refuseShrunk('/srv', before, { stayed: 9, gone: 500, appeared: 0 })).not.toThrow()
})
