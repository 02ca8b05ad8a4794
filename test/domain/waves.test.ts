import { describe, expect, it } from 'vitest'
import { parseMaxUnavailable, waveSize } from '../../src/domain/waves.ts'

describe('how many nodes go at once', () => {
  it.each([
    ['10%', 40, 0, 4],
    ['10%', 19, 0, 1],
    ['10%', 4, 0, 1],
    ['100%', 7, 0, 7],
    ['3', 40, 0, 3],
    ['3', 40, 2, 1],
    ['3', 40, 5, 1],
    ['50%', 500, 10, 240],
  ])('is of %s of %i workers, %i of which are out: %i', (text, total, missing, size) => {
    expect(waveSize(parseMaxUnavailable(text), total, missing)).toBe(size)
  })

  it.each(['0', '0%', '101%', '-1', '10 %', '', 'all'])('is not said by "%s"', text => {
    expect(() => parseMaxUnavailable(text)).toThrow('is no number of nodes')
  })
})
