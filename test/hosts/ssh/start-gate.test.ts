import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { StartGate } from '../../../src/hosts/ssh/start-gate.ts'
import { until } from '../../support/sshd.ts'

/** Starts that run until the test ends them. */
class Starts {
  running = 0
  most = 0
  readonly #ends: (() => void)[] = []

  readonly start = async () => {
    this.most = Math.max(this.most, ++this.running)
    await new Promise<void>(resolve => this.#ends.push(resolve))
    this.running--
  }

  async endAll(): Promise<void> {
    while (this.#ends.length > 0) {
      for (const end of this.#ends.splice(0)) end()
      await sleep(1)
    }
  }
}

describe('the start gate', () => {
  it('admits the given number at once, and the next when one ends', async () => {
    const [gate, starts] = [new StartGate(3), new Starts()]
    const all = Promise.all(Array.from({ length: 10 }, () => gate.through(starts.start)))
    await until(() => starts.running === 3, 'the first run')
    await starts.endAll()
    await all
    expect(starts.most).toBe(3)
  })

  it('returns the result or the failure of a start', async () => {
    const gate = new StartGate(1)
    await expect(gate.through(async () => 7)).resolves.toBe(7)
    await expect(gate.through(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    await expect(gate.through(async () => 8)).resolves.toBe(8)
  })

  it('waits at most a second for a start that hangs', async () => {
    const [gate, starts] = [new StartGate(2), new Starts()]
    const all = Promise.all(Array.from({ length: 4 }, () => gate.through(starts.start)))
    await until(() => starts.running === 4, 'all run, though none has ended')
    await starts.endAll()
    await all
  })

  it('admits more while the event loop is idle, if it may grow', async () => {
    const [gate, starts] = [new StartGate(2, { grows: true }), new Starts()]
    const all = Promise.all(Array.from({ length: 40 }, () => gate.through(starts.start)))
    await until(() => starts.running === 40, 'all run at once')
    await starts.endAll()
    await all
  })

  it('admits no more while the event loop is busy', async () => {
    const [gate, starts] = [new StartGate(2, { grows: true }), new Starts()]
    const all = Promise.all(Array.from({ length: 40 }, () => gate.through(starts.start)))
    const end = performance.now() + 300
    while (performance.now() < end) {
      const busy = performance.now() + 30
      while (performance.now() < busy);
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(starts.running).toBe(2)
    await until(() => starts.running === 40, 'the rest, when it is idle again')
    await starts.endAll()
    await all
  })
})
