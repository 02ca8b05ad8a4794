import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AdaptiveWindow } from '../../src/domain/adaptive-window.ts'

describe('a window that adapts', () => {
  it('is halved at a sign of strain', () => {
    const window = new AdaptiveWindow(25)
    window.shrink(window.begin())
    expect(window.size).toBe(12)
  })

  it('is halved once by all that began before', () => {
    const window = new AdaptiveWindow(25)
    const numbers = Array.from({ length: 25 }, () => window.begin())
    expect(numbers.map(number => window.shrink(number)).filter(Boolean)).toHaveLength(1)
    expect(window.size).toBe(12)
  })

  it('is halved again by what began after', () => {
    const window = new AdaptiveWindow(25)
    window.shrink(window.begin())
    expect(window.shrink(window.begin())).toBe(true)
    expect(window.size).toBe(6)
  })

  it('grows by one for each four rounds that go well', () => {
    const window = new AdaptiveWindow(8)
    window.shrink(window.begin())
    for (let n = 0; n < 15; n++) window.grow(window.begin())
    expect(window.size).toBe(4)
    for (let n = 0; n < 4; n++) window.grow(window.begin())
    expect(window.size).toBe(5)
  })

  it('is not grown by what began before it was halved', () => {
    const window = new AdaptiveWindow(25)
    const before = Array.from({ length: 24 }, () => window.begin())
    window.shrink(window.begin())
    for (const number of before) window.grow(number)
    expect(window.size).toBe(12)
  })

  it('never closes, and never exceeds its most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.boolean(), { maxLength: 500 }),
        (most, ends) => {
          const window = new AdaptiveWindow(most)
          for (const isWell of ends) {
            const number = window.begin()
            if (isWell) window.grow(number)
            else window.shrink(number)
            expect(window.size).toBeGreaterThanOrEqual(1)
            expect(window.size).toBeLessThanOrEqual(most)
          }
        },
      ),
    )
  })
})
