import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPullbackError } from '../../base/errors.ts'
import {
  encodeRequest,
  maxPacketBytes,
  PacketReader,
  PacketSplitter,
  setRequestId,
  type Field,
} from './packet.ts'
import * as replies from './reply.ts'

const field = fc.oneof(
  fc.nat({ max: 0xffff_ffff }),
  fc.bigInt({ min: 0n, max: 2n ** 53n }),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
)

describe('an SFTP packet', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat({ max: 0xffff_ffff }), fc.array(field), (type, id, fields) => {
        const packet = encodeRequest(type, fields)
        setRequestId(packet, id)
        expect(packet.readUInt32BE(0)).toBe(packet.length - 4)
        const reader = new PacketReader(packet.subarray(4))
        expect([reader.byte(), reader.uint32()]).toEqual([type, id])
        expect(fields.map((one) => readLike(reader, one))).toEqual(fields)
        expect(reader.left).toBe(0)
      }),
    )
  })

  it('is found in a stream however that is cut', () => {
    const packets = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1 })
    fc.assert(
      fc.property(packets, fc.array(fc.integer({ min: 1, max: 20 })), (bodies, cuts) => {
        const stream = Buffer.concat(bodies.flatMap((body) => [lengthOf(body.length), body]))
        const found: Buffer[] = []
        const splitter = new PacketSplitter((packet) => found.push(Buffer.from(packet)))
        let at = 0
        for (const cut of cuts) {
          splitter.push(stream.subarray(at, at + cut))
          at += cut
        }
        splitter.push(stream.subarray(at))
        expect(found).toEqual(bodies.map((body) => Buffer.from(body)))
      }),
    )
  })

  it.each([0, maxPacketBytes + 1, 0xffff_ffff])(
    'of %i bytes is refused before anything is made for it',
    (length) => {
      const splitter = new PacketSplitter(() => undefined)
      expect(() => splitter.push(lengthOf(length))).toThrow(
        expect.objectContaining({ code: 'SftpViolation' }),
      )
    },
  )

  it('of any bytes is read, or is a violation, or is a refusal', () => {
    const readers = [
      replies.readHandle,
      replies.readData,
      replies.readNames,
      replies.readPath,
      replies.readFileAttributes,
      replies.readExtended,
      replies.readOk,
    ]
    const type = fc.constantFrom(101, 102, 103, 104, 105, 201, 7)
    fc.assert(
      fc.property(
        type,
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom(...readers),
        (kind, bytes, read) => {
          try {
            read({ type: kind, body: new PacketReader(Buffer.from(bytes)) })
          } catch (error) {
            const isExpected = isPullbackError(error, 'SftpViolation') || error instanceof replies.SftpRefusal
            if (!isExpected) throw error
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

function readLike(reader: PacketReader, one: Field): Field {
  if (typeof one === 'number') return reader.uint32()
  return typeof one === 'bigint' ? BigInt(reader.uint64()) : Buffer.from(reader.string())
}

function lengthOf(count: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(count)
  return bytes
}
