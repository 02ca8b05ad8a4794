import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { AgentConnections, type CheckableHost } from '../../../../src/hosts/agent/server/connections.ts'
import type { HostAddress } from '../../../../src/hosts/host.ts'
import { KnownHosts } from '../../../../src/hosts/known-hosts/known-hosts.ts'
import type { Slot } from '../../../../src/hosts/slots.ts'
import { FakeHost } from '../../../support/fake-host.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const node1: HostAddress = { name: 'node1', address: '192.0.2.1', port: 22, user: 'root', fresh: false }

/** A host that answers checks of its connection when the test says so. */
class AskedHost extends FakeHost implements CheckableHost {
  readonly isConnected = true
  asked = 0
  answer: () => void = () => {}

  isReady = false
  prepared = 0

  async prepare(): Promise<void> {
    this.prepared += 1
    this.isReady = true
  }

  check(): Promise<void> {
    this.asked += 1
    return new Promise(resolve => {
      this.answer = resolve
    })
  }
}

describe("a connection of the agent's", () => {
  let host: AskedHost
  let connections: AgentConnections

  beforeEach(async () => {
    host = new AskedHost('node1')
    const knownHosts = new KnownHosts(join(await temporaryFolder(), 'known_hosts'))
    connections = new AgentConnections({ open: () => host, knownHosts, idleMs: 60_000, onEmpty: () => {} })
    onTestFinished(() => connections.close())
    await connections.use(node1, async () => {})
  })

  function passTime(milliseconds: number): void {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds })
    onTestFinished(() => void vi.useRealTimers())
  }

  it('is not asked whether it is alive when it was used a moment ago', async () => {
    await connections.use(node1, async () => {})
    expect(host.asked).toBe(0)
  })

  it('is asked once for all commands that come after a silence, and none goes out before the answer', async () => {
    passTime(6_000)
    const begun: string[] = []
    const uses = ['one', 'other'].map(name => connections.use(node1, async () => void begun.push(name)))
    await expect.poll(() => connections.running).toBe(2)
    await new Promise(resolve => setImmediate(resolve))
    expect(begun).toEqual([])
    host.answer()
    await Promise.all(uses)
    expect([begun, host.asked]).toEqual([['one', 'other'], 1])
  })

  it('lets others have the turn of a command while it is asked, and only then', async () => {
    const waited: string[] = []
    const turn: Slot = {
      isReleased: false,
      connecting: async connection => {
        waited.push('for an answer')
        return connection
      },
      release: () => {},
      reacquire: async () => {},
    }
    await connections.use(node1, async () => {}, turn)
    expect(waited).toEqual([])
    passTime(6_000)
    const using = connections.use(node1, async () => void waited.push('begun'), turn)
    await expect.poll(() => waited).toEqual(['for an answer'])
    host.answer()
    await using
    expect(waited).toEqual(['for an answer', 'begun'])
  })

  it('is asked when the clock was put back meanwhile', async () => {
    passTime(-3_600_000)
    const using = connections.use(node1, async () => {})
    await expect.poll(() => host.asked).toBe(1)
    host.answer()
    await using
  })
})
