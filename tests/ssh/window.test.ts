// The private parts of ssh2 that the wide window rests on are as we know them, and a server uses what it is given.
import { expect, it } from 'vitest'
import { neverAborted } from '../../src/base/abort.ts'
import { connect } from '../../src/ssh/connect.ts'
import { parseSshAddress } from '../../src/ssh/ssh-address.ts'
import { widenWindow } from '../../src/ssh/window.ts'
import { passwordLogin, serverHere } from './ssh-lab.ts'

it('the window of a channel is wider than ssh2 makes it', async () => {
  const server = await serverHere()
  const address = parseSshAddress(
    `ssh://127.0.0.1:${server.port}/`,
    new Map(Object.entries(passwordLogin(server))),
  )
  const connection = await connect(address, {
    signal: neverAborted(),
    environment: { homeFolder: '/nonexistent' },
  })
  const channel = await connection.openSftp()
  if (!channel) throw new Error('the server opens a channel')
  expect(channel.incoming).toMatchObject({ window: 2 << 20 })
  widenWindow(channel)
  expect(channel.incoming).toMatchObject({ window: 32 << 20 })
  await connection.close()
})

it('a channel that is built in another way is left as it is', () => {
  const strange = { incoming: { window: 1 << 20 }, outgoing: {} }
  expect(() => widenWindow(strange as never)()).not.toThrow()
  expect(strange.incoming.window).toBe(1 << 20)
})
