import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock.ts'
import { Limiter } from '../../../src/drivers/ec2/limiter.ts'

/** A clock on which sleeping takes no time. */
class JumpingClock implements Clock {
  #now = 0
  now = () => this.#now
  wallTime = () => this.#now
  deadline = () => new AbortController().signal
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.#now += ms
  }
}

async function secondsFor(calls: number, ...turn: Parameters<Limiter['wait']>): Promise<number> {
  const clock = new JumpingClock()
  const limiter = new Limiter(clock)
  for (let i = 0; i < calls; i++) await limiter.wait(...turn)
  return clock.now() / 1000
}

describe('the limiter', () => {
  it('lets a burst through, less one for what arrives early, and then as many a second as EC2 does', async () => {
    expect(await secondsFor(4, 'RunInstances', 100, undefined)).toBe(0)
    expect(await secondsFor(10, 'RunInstances', 100, undefined)).toBeCloseTo(3)
    expect(await secondsFor(99, 'DescribeInstances', 1, undefined)).toBe(0)
    expect(await secondsFor(139, 'DescribeInstances', 1, undefined)).toBeCloseTo(2)
    expect(await secondsFor(99, 'ModifyInstanceAttribute', 1, undefined)).toBeCloseTo(10)
  })

  it('counts the instances that are asked for, too', async () => {
    expect(await secondsFor(2, 'StopInstances', 1000, undefined)).toBeCloseTo(50)
    expect(await secondsFor(2, 'StartInstances', 510, undefined)).toBeCloseTo(10)
  })

  it('keeps actions apart that EC2 keeps apart', async () => {
    const clock = new JumpingClock()
    const limiter = new Limiter(clock)
    for (let i = 0; i < 4; i++) await limiter.wait('RunInstances', 1, undefined)
    for (let i = 0; i < 4; i++) await limiter.wait('StartInstances', 1, undefined)
    await limiter.wait('TerminateInstances', 1, undefined)
    expect(clock.now()).toBe(0)
  })

  it('stops waiting when it is interrupted', async () => {
    const limiter = new Limiter(new JumpingClock())
    const signal = AbortSignal.abort(new Error('enough'))
    for (let i = 0; i < 4; i++) await limiter.wait('RunInstances', 1, signal)
    await expect(limiter.wait('RunInstances', 1, signal)).rejects.toThrow('enough')
  })
})
