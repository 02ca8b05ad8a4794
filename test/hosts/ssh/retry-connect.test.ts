import { describe, expect, it } from 'vitest'
import { HostError, type HostFailure } from '../../../src/hosts/errors.ts'
import { retryTransientFailures, retryUntilBooted, type Tries } from '../../../src/hosts/ssh/retry-connect.ts'

const DNS_HICCUP = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' })
const NO_SUCH_NAME = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })

function tries(more: Partial<Tries> = {}): Tries & { told: HostFailure[] } {
  const told: HostFailure[] = []
  return {
    deadlineMs: 60_000,
    signal: new AbortController().signal,
    onRetry: ({ failure }) => told.push(failure),
    told,
    ...more,
  }
}

const failing = (failure: HostFailure, cause?: unknown) =>
  new HostError(failure, 'node1', `node1 is ${failure}`, { cause })

/** Fails so, and then works. */
function failingFirst(...failures: HostError[]) {
  return async () => {
    const failure = failures.shift()
    if (failure) throw failure
    return 'connected'
  }
}

describe('a transient failure', () => {
  it('does not discard a connection that succeeds while the retries are stopped', async () => {
    const stop = new AbortController()
    const attempt = async () => {
      stop.abort()
      return 'connected'
    }
    expect(await retryTransientFailures(attempt, tries({ signal: stop.signal }))).toBe('connected')
  })

  it.each([
    ['a dropped connection start', failing('reset')],
    ['a temporary failure of the name server', failing('unresolved', DNS_HICCUP)],
  ])('is retried: %s', async (_what, failure) => {
    const all = tries()
    expect(await retryTransientFailures(failingFirst(failure), all)).toBe('connected')
    expect(all.told).toEqual([failure.failure])
  })

  it.each([
    ['a rejected login', failing('auth')],
    ['a changed host key', failing('host-key')],
    ['a closed port', failing('refused')],
    ['silence', failing('unreachable')],
    ['a name that does not exist', failing('unresolved', NO_SUCH_NAME)],
    ['the failure of a bastion', failing('reset', failing('reset'))],
  ])('is not: %s', async (_what, failure) => {
    const all = tries()
    await expect(retryTransientFailures(failingFirst(failure), all)).rejects.toBe(failure)
    expect(all.told).toEqual([])
  })

  it('is thrown at the deadline, with the time that it was retried', async () => {
    const all = tries({ deadlineMs: 1_600 })
    const attempt = () => Promise.reject(failing('reset'))
    await expect(retryTransientFailures(attempt, all)).rejects.toMatchObject({
      failure: 'reset',
      message: expect.stringMatching(/^node1 is reset \(retried for \d s\)$/),
    })
    expect(all.told.length).toBeGreaterThan(0)
  })

  it('stops at once when interrupted', async () => {
    const stop = new AbortController()
    const all = tries({ signal: stop.signal, onRetry: () => stop.abort(new Error('interrupted')) })
    await expect(retryTransientFailures(() => Promise.reject(failing('reset')), all)).rejects.toThrow(
      'interrupted',
    )
  })
})

describe('a machine that is booting', () => {
  it.each(['refused', 'reset', 'unreachable', 'unresolved', 'auth'] as const)(
    'is retried after: %s',
    async failure => {
      const all = tries()
      expect(await retryUntilBooted(failingFirst(failing(failure)), all)).toBe('connected')
      expect(all.told).toEqual([failure])
    },
  )

  it.each(['host-key', 'protocol'] as const)('is not retried after: %s', async failure => {
    await expect(retryUntilBooted(failingFirst(failing(failure)), tries())).rejects.toMatchObject({ failure })
  })
})
