import { describe, expect, it } from 'vitest'
import { sha256 } from '../base/hash.ts'
import { hashesToTexts, hashFromText, hashToText } from './hash-text.ts'

const empty = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

describe('the text of a hash', () => {
  it('is standard base64 with its padding', () => {
    expect(hashToText(sha256(Buffer.of()))).toBe(empty)
    expect(hashFromText(empty)).toEqual(sha256(Buffer.of()))
  })

  it('is refused unless it is 32 bytes of clean base64', () => {
    const wrong = [
      empty.slice(1),
      `${empty}=`,
      empty.replace('+', ' '),
      `${empty.slice(0, 42)}==`,
      '',
      7,
      null,
    ]
    for (const text of wrong) expect(hashFromText(text)).toBeUndefined()
  })

  it('is given for each of many hashes in order', () => {
    const one = sha256(Buffer.from('1'))
    const two = sha256(Buffer.from('2'))
    expect(hashesToTexts(Buffer.concat([one, two]))).toEqual([hashToText(one), hashToText(two)])
    expect(hashesToTexts(Buffer.of())).toEqual([])
  })
})
