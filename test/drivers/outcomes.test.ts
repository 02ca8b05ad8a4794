import { describe, expect, it } from 'vitest'
import type { Machine } from '../../src/drivers/driver.ts'
import { outcomesOf } from '../../src/drivers/outcomes.ts'

const items = ['a', 'b', 'c'].map(name => ({ name }))
const machine = (name: string): Machine => ({ id: name, name, status: 'active' })
const options = { title: 'Working', concurrency: 1 }

describe('work on many machines', () => {
  it('answers for each, and goes on after a failure', async () => {
    const outcomes = await outcomesOf(
      items,
      async ({ name }) => {
        if (name === 'b') throw new Error('not b')
        return { machine: machine(name), changed: true }
      },
      options,
    )
    expect(outcomes).toEqual([
      { name: 'a', ok: true, machine: machine('a'), changed: true },
      { name: 'b', ok: false, error: new Error('not b') },
      { name: 'c', ok: true, machine: machine('c'), changed: true },
    ])
  })

  it('begins no further machine once it is aborted', async () => {
    const interruption = new AbortController()
    const begun: string[] = []
    const outcomes = await outcomesOf(
      items,
      async ({ name }) => {
        begun.push(name)
        interruption.abort()
        return { machine: machine(name), changed: true }
      },
      { ...options, signal: interruption.signal },
    )
    expect(begun).toEqual(['a'])
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false])
    expect(outcomes[2]).toMatchObject({ error: { code: 'interrupted', host: 'c' } })
  })

  it('tells a failure by the abort from any other', async () => {
    const interruption = new AbortController()
    const [outcome] = await outcomesOf(
      items.slice(0, 1),
      async () => {
        interruption.abort()
        throw interruption.signal.reason
      },
      { ...options, signal: interruption.signal },
    )
    expect(outcome).toMatchObject({ ok: false, error: { code: 'interrupted' } })
  })

  it('says how many failed', async () => {
    const told: string[] = []
    const task = {
      step: () => {},
      update: () => {},
      done: () => void told.push('done'),
      fail: (r: string) => told.push(r),
    }
    const progress = { start: () => task, note: () => {} }
    await outcomesOf(items, () => Promise.reject(new Error('no')), { ...options, progress })
    expect(told).toEqual(['3 of 3 failed'])
  })
})
