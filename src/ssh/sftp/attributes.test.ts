import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attributeBytes, readAttributes } from './attributes.ts'
import { encodeRequest, PacketReader } from './packet.ts'

const uint32 = fc.nat({ max: 0xffff_ffff })

describe('attributes in a request', () => {
  it('are read as they were written, whichever there are', () => {
    const owner = fc.record({ uid: uint32, gid: uint32 })
    const rest = fc.record({ mode: uint32, modifiedS: uint32 }, { requiredKeys: [] })
    fc.assert(
      fc.property(fc.option(owner), rest, (maybeOwner, others) => {
        const attributes = { ...maybeOwner, ...others }
        expect(readAttributes(new PacketReader(attributeBytes(attributes)))).toEqual(attributes)
      }),
    )
  })

  it('never hold a size, which would cut the file', () => {
    expect(attributeBytes({ sizeBytes: 0 })).toEqual(Buffer.alloc(4))
  })

  it('stand in a request without a length of their own', () => {
    const raw = attributeBytes({ mode: 0o600 })
    const packet = encodeRequest(3, [Buffer.from('p'), 26, { raw }])
    expect(packet.subarray(-raw.length)).toEqual(raw)
    expect(packet.readUInt32BE(0)).toBe(packet.length - 4)
    expect(packet.length).toBe(9 + 5 + 4 + raw.length)
  })
})
