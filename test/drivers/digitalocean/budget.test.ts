import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock.ts'
import { RequestBudget } from '../../../src/drivers/digitalocean/budget.ts'

/** Time passes only while somebody sleeps. */
function handClock(): Clock & { ms: number } {
  const clock = {
    ms: 1_000_000,
    now: () => clock.ms,
    wallTime: () => clock.ms,
    async sleep(ms: number, signal?: AbortSignal) {
      signal?.throwIfAborted()
      clock.ms += ms
    },
    deadline: () => new AbortController().signal,
  }
  return clock
}

async function spend(budget: RequestBudget, clock: Clock & { ms: number }, count: number, answerMs = 0) {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    await budget.take()
    times.push(clock.ms)
    clock.ms += answerMs
    budget.complete()
  }
  return times
}

function mostInAMinute(times: readonly number[]): number {
  return Math.max(...times.map((from, i) => times.slice(i).filter(at => at < from + 60_000).length))
}

const told = (remaining: number, resetMs: number) =>
  new Headers({ 'ratelimit-remaining': String(remaining), 'ratelimit-reset': String(resetMs / 1000) })

describe('the budget of requests', () => {
  it('stays under 250 in any minute, and wastes little of them', async () => {
    const clock = handClock()
    const times = await spend(new RequestBudget(clock), clock, 1000, 20)
    expect(mostInAMinute(times)).toBeLessThan(250)
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan((1000 / 250) * 60_000 * 1.1)
  })

  it('counts a request until a minute after its answer, which may come late', async () => {
    const clock = handClock()
    const budget = new RequestBudget(clock)
    await Promise.all(Array.from({ length: 240 }, () => budget.take()))
    clock.ms += 50_000
    for (let i = 0; i < 240; i++) budget.complete()
    const before = clock.ms
    await budget.take()
    expect(clock.ms - before).toBeGreaterThanOrEqual(60_000)
  })

  it('waits for the reset when the answers say that nothing is left', async () => {
    const clock = handClock()
    const budget = new RequestBudget(clock)
    budget.learn(told(0, clock.ms + 30_000))
    const before = clock.ms
    await budget.take()
    expect(clock.ms - before).toBe(30_000)
  })

  it('goes on while something is left, and does not trust a reset that is far away', async () => {
    const clock = handClock()
    const budget = new RequestBudget(clock)
    const before = clock.ms
    budget.learn(told(100, clock.ms + 30_000))
    budget.learn(new Headers())
    await budget.take()
    expect(clock.ms).toBe(before)
    budget.complete()
    budget.learn(told(0, clock.ms + 3_600_000))
    await budget.take()
    expect(clock.ms - before).toBe(60_000)
  })

  it('lets an aborted caller go', async () => {
    const clock = handClock()
    const budget = new RequestBudget(clock)
    await expect(budget.take(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    await budget.take()
  })
})
