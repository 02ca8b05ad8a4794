import crypto from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'

describe('the pool of random bytes', () => {
  afterEach(() => vi.resetModules())

  it('fills what is asked for and no more, each time with other bytes, until it is given back', async () => {
    const original = crypto.randomFillSync
    const { endPool } = await import('../../../src/hosts/ssh/random-pool.ts')
    const drawn = Array.from({ length: 5000 }, () => {
      const target = Buffer.alloc(32)
      expect(crypto.randomFillSync(target, 4, 16)).toBe(target)
      expect(target.readUInt32BE(0)).toBe(0)
      expect(target.subarray(20).every(byte => byte === 0)).toBe(true)
      return target.toString('hex')
    })
    expect(new Set(drawn).size).toBe(5000)
    const long = crypto.randomFillSync(Buffer.alloc(100_000))
    expect(new Set(long.subarray(-1000)).size).toBeGreaterThan(200)
    endPool()
    expect(crypto.randomFillSync).toBe(original)
  })
})
