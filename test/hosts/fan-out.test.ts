import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import { failedOf, fanOut } from '../../src/hosts/fan-out.ts'

const fleet = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `node${index}` }))

describe('fanOut', () => {
  it('gives one answer per item, in the order of the items', async () => {
    const answers = await fanOut(fleet(5), async ({ name }) => {
      await sleep(name === 'node0' ? 30 : 0)
      return name.toUpperCase()
    })
    expect(answers.map(({ host }) => host)).toEqual(['node0', 'node1', 'node2', 'node3', 'node4'])
    expect(answers[0]).toEqual({ host: 'node0', ok: true, value: 'NODE0', durationMs: expect.any(Number) })
  })

  it('turns a failure into an answer and goes on', async () => {
    const answers = await fanOut(fleet(3), async ({ name }) => {
      if (name === 'node1') throw new HostError('refused', name, 'connection refused')
      return name
    })
    expect(answers.map(({ ok }) => ok)).toEqual([true, false, true])
    expect(failedOf(answers)).toMatchObject([{ host: 'node1', error: { failure: 'refused' } }])
  })

  it('keeps the cause of what nobody expected', async () => {
    const bug = new TypeError('x is undefined')
    const [answer] = failedOf(await fanOut(fleet(1), () => Promise.reject(bug)))
    expect(answer?.error).toMatchObject({ code: 'unexpected', host: 'node0', cause: bug })
  })

  it('works on as many at once as it is told, and never waits for the slowest', async () => {
    let running = 0
    let most = 0
    const order: string[] = []
    await fanOut(
      fleet(12),
      async ({ name }) => {
        most = Math.max(most, ++running)
        await sleep(name === 'node0' ? 100 : 2)
        running--
      },
      { concurrency: 3, onAnswer: ({ host }) => order.push(host) },
    )
    expect(most).toBe(3)
    expect(order.at(-1)).toBe('node0')
  })

  it('starts nothing more once aborted, and says so for each', async () => {
    const stop = new AbortController()
    const started: string[] = []
    const answers = await fanOut(
      fleet(4),
      async ({ name }) => {
        started.push(name)
        stop.abort()
      },
      { concurrency: 1, signal: stop.signal },
    )
    expect(started).toEqual(['node0'])
    expect(answers[0]?.ok).toBe(true)
    expect(failedOf(answers).map(({ host, error }) => [host, error.code, error.exitCode])).toEqual([
      ['node1', 'interrupted', 130],
      ['node2', 'interrupted', 130],
      ['node3', 'interrupted', 130],
    ])
  })

  it('answers for nobody when there is nobody', async () => {
    expect(await fanOut([], async () => 1)).toEqual([])
  })
})
