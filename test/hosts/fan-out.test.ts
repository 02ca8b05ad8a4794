import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import { failedOf, fanOut } from '../../src/hosts/fan-out.ts'
import type { Slot } from '../../src/hosts/slots.ts'

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

  it('turns a failure into an answer and continues', async () => {
    const answers = await fanOut(fleet(3), async ({ name }) => {
      if (name === 'node1') throw new HostError('refused', name, 'connection refused')
      return name
    })
    expect(answers.map(({ ok }) => ok)).toEqual([true, false, true])
    expect(failedOf(answers)).toMatchObject([{ host: 'node1', error: { failure: 'refused' } }])
  })

  it('keeps the cause of an unexpected error', async () => {
    const bug = new TypeError('x is undefined')
    const [answer] = failedOf(await fanOut(fleet(1), () => Promise.reject(bug)))
    expect(answer?.error).toMatchObject({ code: 'unexpected', host: 'node0', cause: bug })
  })

  it('works on as many at once as the concurrency allows, and never waits for the slowest', async () => {
    let running = 0
    let most = 0
    const order: string[] = []
    const others = new EventEmitter()
    await fanOut(
      fleet(12),
      async ({ name }) => {
        most = Math.max(most, ++running)
        await (name === 'node0' ? once(others, 'answered') : sleep(2))
        running--
      },
      { concurrency: 3, onAnswer: ({ host }) => order.push(host) === 11 && others.emit('answered') },
    )
    expect(most).toBe(3)
    expect(order.at(-1)).toBe('node0')
  })

  describe('lets others go while a host is silent', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
    afterEach(() => void vi.useRealTimers())

    /** Hosts that connect and finish when the test says so. */
    function doors() {
      const order: string[] = []
      const doors = new Map<string, EventEmitter>()
      const work = async ({ name }: { name: string }, turn: Slot) => {
        order.push(`${name} is begun`)
        const door = new EventEmitter()
        doors.set(name, door)
        await turn.connecting(once(door, 'open'))
        if (turn.isReleased) await turn.reacquire()
        order.push(`${name} works`)
        await once(door, 'end')
      }
      const tell = async (name: string, what: 'open' | 'error' | 'end') => {
        await vi.advanceTimersByTimeAsync(0)
        doors.get(name)?.emit(what, new Error('broken'))
        await vi.advanceTimersByTimeAsync(0)
      }
      return { order, work, tell }
    }

    it('in its one place, however often it is connected to anew', async () => {
      const begun: string[] = []
      const silence = () => new Promise<never>((_, reject) => setTimeout(reject, 3000, new Error('silent')))
      const answering = fanOut(
        fleet(3),
        async ({ name }, turn) => {
          begun.push(name)
          if (name !== 'node0') return new Promise(resolve => setTimeout(resolve, 20_000))
          await turn.connecting(silence()).catch(() => {})
          return turn.connecting(silence())
        },
        { concurrency: 1 },
      )
      await vi.advanceTimersByTimeAsync(5000)
      expect(begun).toEqual(['node0', 'node1'])
      await vi.advanceTimersByTimeAsync(60_000)
      expect((await answering).map(({ ok }) => ok)).toEqual([false, true, true])
    })

    it('and goes on with it when there is a place, before any that was not begun', async () => {
      const { order, work, tell } = doors()
      const answering = fanOut(fleet(3), work, { concurrency: 1 })
      await vi.advanceTimersByTimeAsync(999)
      expect(order).toEqual(['node0 is begun'])
      await vi.advanceTimersByTimeAsync(1)
      expect(order).toEqual(['node0 is begun', 'node1 is begun'])
      await tell('node1', 'open')
      await tell('node0', 'open')
      expect(order.slice(2)).toEqual(['node1 works'])
      await tell('node1', 'end')
      expect(order.slice(3)).toEqual(['node0 works'])
      await tell('node0', 'end')
      expect(order.slice(4)).toEqual(['node2 is begun'])
      await tell('node2', 'open')
      await tell('node2', 'end')
      expect((await answering).map(({ ok }) => ok)).toEqual([true, true, true])
    })

    it('and begins no more of them than there may be connections', async () => {
      const { order, work, tell } = doors()
      const answering = fanOut(fleet(3), work, { concurrency: 1, connections: 2 })
      await vi.advanceTimersByTimeAsync(60_000)
      expect(order).toEqual(['node0 is begun', 'node1 is begun'])
      await tell('node0', 'error')
      expect(order.slice(2)).toEqual(['node2 is begun'])
      await tell('node1', 'error')
      await tell('node2', 'error')
      expect(failedOf(await answering)).toHaveLength(3)
    })

    it('and not for the time that a host works', async () => {
      const { order, work, tell } = doors()
      const answering = fanOut(fleet(2), work, { concurrency: 1 })
      await tell('node0', 'open')
      await vi.advanceTimersByTimeAsync(60_000)
      expect(order).toEqual(['node0 is begun', 'node0 works'])
      await tell('node0', 'end')
      await tell('node1', 'error')
      expect(failedOf(await answering)).toHaveLength(1)
    })
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

  it('returns no answers for no hosts', async () => {
    expect(await fanOut([], async () => 1)).toEqual([])
  })
})
