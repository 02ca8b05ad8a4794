import { describe, expect, it } from 'vitest'
import { fromBytes, hasStrayBytes, toBytes } from '../../src/domain/byte-text.ts'

const ALL = Buffer.from(Array.from({ length: 256 }, (_, index) => index))

describe('bytes as a text', () => {
  it.each([
    ['plain words', Buffer.from('plain')],
    ['UTF-8', Buffer.from('größe 你好 🐳 \ufffd')],
    ['every byte', ALL],
    ['bytes that begin a character', Buffer.from([0xe9, 0xff, 0xc3, 0x28, 0xf0, 0x9f])],
    ['what UTF-8 forbids', Buffer.from([0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf5, 0x80, 0x80, 0x80])],
    [
      'a stray byte between characters',
      Buffer.concat([Buffer.from('ö'), Buffer.of(0xff), Buffer.from('🐳')]),
    ],
  ])('come back unchanged: %s', (_what, bytes) => {
    expect(toBytes(fromBytes(bytes)).equals(bytes)).toBe(true)
    expect(toBytes(JSON.parse(JSON.stringify(fromBytes(bytes)))).equals(bytes)).toBe(true)
  })

  it('are the usual text where they are UTF-8', () => {
    expect(fromBytes(Buffer.from('größe 🐳'))).toBe('größe 🐳')
    expect(hasStrayBytes('größe 🐳 \ufffd')).toBe(false)
    expect(hasStrayBytes(fromBytes(Buffer.of(0xff)))).toBe(true)
  })
})
