// Carries SFTP over a channel of an SSH connection. What the server writes beside the protocol is thrown away.
import type { Channel } from 'ssh2'
import { PullbackError } from '../../base/errors.ts'
import type { SshConnection } from '../connection.ts'
import { widenWindow } from '../window.ts'
import type { SftpWire } from './channel.ts'

/** `onFailure` is told why the session over this wire failed; the channel is closed already. */
export function sshWire(
  connection: SshConnection,
  channel: Channel,
  onFailure: (error: PullbackError) => void,
): SftpWire {
  const { place } = connection
  const topUp = widenWindow(channel)
  return {
    place,
    send: (bytes) => connection.together(() => channel.write(bytes)),
    listen: ({ onBytes, onLost }) => {
      channel.on('data', (bytes: Buffer) => {
        topUp()
        onBytes(bytes)
      })
      channel.stderr.on('data', () => undefined)
      const onClosed = (cause?: Error): void =>
        onLost(
          connection.lost ??
            new PullbackError('ConnectionLost', {
              what: `${place} ended the SFTP session`,
              subject: place,
              cause,
            }),
        )
      channel.on('error', onClosed)
      channel.on('close', () => onClosed())
      channel.on('end', () => onClosed())
      connection.onLost(onLost)
    },
    fail: (error) => {
      channel.close()
      onFailure(error)
    },
  }
}
