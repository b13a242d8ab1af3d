import { expect, it } from 'vitest'
import { formatPinName, parsePinName } from './pin-name.ts'
import { parseVolumeName } from './volume-name.ts'

it('a pin names its version, and is no volume', () => {
  const pin = { prefix: 'duplicati', timeMs: Date.UTC(2026, 10, 20, 13, 0, 7) }
  const name = formatPinName(pin)
  expect(name).toBe('duplicati-pin-20261120T130007Z.txt')
  expect(parsePinName(name)).toEqual(pin)
  expect(parseVolumeName(name)).toBeUndefined()
  expect(parsePinName('duplicati-20261120T130007Z.dlist.zip')).toBeUndefined()
})
