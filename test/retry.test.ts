import { describe, expect, it } from 'vitest'
import { BeltError } from '../src/errors.ts'
import { retry, within } from '../src/retry.ts'

const quickly = { deadlineMs: 1000, everyMs: 1 }

describe('retry', () => {
  it('resolves with the first success', async () => {
    let tries = 0
    const attempt = async () => {
      tries += 1
      if (tries < 3) throw new Error('not yet')
      return tries
    }
    expect(await retry(attempt, quickly)).toBe(3)
  })

  it('gives up at the deadline with the last cause', async () => {
    let tries = 0
    const attempt = async () => {
      tries += 1
      throw new Error(`failure ${tries}`)
    }
    const failed = retry(attempt, { deadlineMs: 30, everyMs: 5 })
    await expect(failed).rejects.toThrow(/^failure \d+$/)
    await expect(failed).rejects.toThrow(`failure ${tries}`)
    expect(tries).toBeGreaterThan(1)
  })

  it.each([
    ['root-denied', 'ops@mg0 may not become root'],
    ['engine-denied', 'mg0: ops may not use the engine there'],
    ['remote-command-failed', 'mg0: cat: /var/lib/docker/swarm/x: Permission denied'],
  ])('stops at once at a lack of rights: %s', async (code, message) => {
    let tries = 0
    const attempt = async () => {
      tries += 1
      throw new BeltError(code, message)
    }
    await expect(retry(attempt, { ...quickly, retryable: () => true })).rejects.toMatchObject({ code })
    expect(tries).toBe(1)
  })

  it('retries what a swarm refuses for a moment in similar words', async () => {
    let tries = 0
    const attempt = async () => {
      tries += 1
      const message =
        'mg0: rpc error: code = PermissionDenied desc = Permission denied: unauthorized peer role'
      if (tries < 2) throw new BeltError('remote-command-failed', message)
      return tries
    }
    expect(await retry(attempt, quickly)).toBe(2)
  })

  it('stops at once at a failure that is not worth another try', async () => {
    let tries = 0
    const attempt = async () => {
      tries += 1
      throw new Error('wrong key')
    }
    await expect(retry(attempt, { ...quickly, retryable: () => false })).rejects.toThrow('wrong key')
    expect(tries).toBe(1)
  })

  it("rejects with the signal's reason, also in a pause", async () => {
    const controller = new AbortController()
    const attempt = async () => {
      setTimeout(() => controller.abort(new Error('interrupted')), 5)
      throw new Error('not yet')
    }
    await expect(
      retry(attempt, { deadlineMs: 60_000, everyMs: 30_000, signal: controller.signal }),
    ).rejects.toThrow('interrupted')
  })

  it('tells each attempt how long it has left', async () => {
    const left: number[] = []
    await retry(
      async remainingMs => {
        left.push(remainingMs)
        if (left.length < 3) throw new Error('not yet')
      },
      { deadlineMs: 1000, everyMs: 10 },
    )
    expect(left[0]).toBeGreaterThan(left[2] ?? 1000)
  })
})

describe('within', () => {
  it('hands on what the work gives, or why it failed', async () => {
    expect(await within(10_000, async () => 'done')).toBe('done')
    await expect(within(10_000, () => Promise.reject(new Error('no route')))).rejects.toThrow('no route')
  })

  it('waits no longer for work that never ends', async () => {
    await expect(within(5, () => new Promise(() => {}))).rejects.toMatchObject({ code: 'no-answer' })
  })
})
