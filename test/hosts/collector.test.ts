import { describe, expect, it } from 'vitest'
import { Collector } from '../../src/hosts/collector.ts'

describe('Collector', () => {
  it('keeps the first bytes, and says that others came', () => {
    const collector = new Collector(5)
    collector.write('abc')
    expect(collector.truncated).toBe(false)
    collector.write('defg')
    collector.write('h')
    expect([collector.text(), collector.truncated]).toEqual(['abcde', true])
  })

  it('holds nothing of what it lets go', () => {
    const collector = new Collector(1)
    const before = process.memoryUsage().arrayBuffers
    for (let index = 0; index < 2000; index++) collector.write(Buffer.alloc(100_000))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000)
  })
})
