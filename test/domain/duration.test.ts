import { describe, expect, it } from 'vitest'
import { inSeconds, parseDuration } from '../../src/domain/duration.ts'

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['45', 45_000],
  ])('reads %s as %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each(['', 'm', '10x', '-5s', '1.5h', '10 m'])('takes %j for no span of time', text => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('inSeconds', () => {
  it('rounds what is left until a deadline', () => {
    expect(inSeconds(3086.824284000031)).toBe('3.1 s')
    expect(inSeconds(10_000)).toBe('10 s')
  })
})
