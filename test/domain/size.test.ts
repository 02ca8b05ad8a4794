import { describe, expect, it } from 'vitest'
import { formatBytes, parseBytes } from '../../src/domain/size.ts'

describe('parseBytes', () => {
  it.each([
    ['512', 512],
    ['64kb', 65_536],
    ['1mb', 1_048_576],
    ['2GB', 2_147_483_648],
  ])('reads %s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  it.each(['', '0', '1.5mb', '-1', '1 mb', '1tb', 'mb', '99999999999gb'])('refuses %j', text => {
    expect(parseBytes(text)).toBeUndefined()
  })
})

describe('formatBytes', () => {
  it.each([
    [0, '0b'],
    [512, '512b'],
    [1536, '1.5kb'],
    [268_435, '262kb'],
    [1_048_576, '1mb'],
    [3.5 * 1024 ** 3, '3.5gb'],
  ])('writes %d', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})
