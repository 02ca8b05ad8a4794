import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { AgentClient } from '../../../../src/hosts/agent/client/agent-client.ts'
import { Kind, pack } from '../../../../src/hosts/agent/protocol/frames.ts'
import { clientOf, listeningAgent } from '../../../support/scripted-agent.ts'
import { until } from '../../../support/sshd.ts'

describe('an agent that answers nothing', () => {
  function fake(what: 'performance' | 'setInterval'): void {
    vi.useFakeTimers({ toFake: [what] })
    onTestFinished(() => void vi.useRealTimers())
  }

  it('is given up after 2 s', async () => {
    const path = await listeningAgent(() => {})
    const start = performance.now()
    expect(await AgentClient.connect(path)).toBeUndefined()
    expect(performance.now() - start).toBeLessThan(4_000)
  })

  it('is given up after three questions whether it is there, while a command runs', async () => {
    fake('setInterval')
    const answer = (await clientOf()).ask({ what: 'status' })
    vi.advanceTimersByTime(20_000)
    await expect(answer).rejects.toMatchObject({
      code: 'agent-lost',
      message: expect.stringContaining('15 s'),
    })
  })

  it('is not given up for the time that the command itself was stopped for', async () => {
    fake('performance')
    let pings = 0
    const client = await clientOf((_wire, { kind }) => {
      if (kind === Kind.ping) pings += 1
    })
    const answer = client.ask({ what: 'status' }).catch(() => 'it is given up')
    vi.advanceTimersByTime(60_000)
    await until(() => pings > 0, 'it is asked whether it is there')
    expect(await Promise.race([answer, 'it is waited for'])).toBe('it is waited for')
  })
})

describe('an agent that ends', () => {
  it('answers what it took, and what it did not take was not begun', async () => {
    const client = await clientOf((wire, { kind, call }) => {
      if (kind !== Kind.open) return
      if (call === 2) wire.send(Kind.bye, 1)
      if (call === 2) wire.send(Kind.result, 1, pack('taken'))
    })
    const answers = [1, 2].map(() => client.ask({ what: 'status' }))
    await expect(answers[1]).rejects.toMatchObject({ code: 'agent-ending', exitCode: 3 })
    expect(await answers[0]).toBe('taken')
    expect(client.isOpen).toBe(false)
    await expect(client.ask({ what: 'status' })).rejects.toMatchObject({ code: 'agent-ending' })
  })
})
