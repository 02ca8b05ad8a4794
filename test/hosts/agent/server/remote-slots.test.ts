import { chmod, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { AgentClient } from '../../../../src/hosts/agent/client/agent-client.ts'
import { AgentConnections, type CheckableHost } from '../../../../src/hosts/agent/server/connections.ts'
import { AgentServer } from '../../../../src/hosts/agent/server/server.ts'
import { HostError, interrupted } from '../../../../src/hosts/errors.ts'
import { failedOf, fanOut } from '../../../../src/hosts/fan-out.ts'
import type { Host, HostAddress, Result, RunOptions } from '../../../../src/hosts/host.ts'
import { KnownHosts } from '../../../../src/hosts/known-hosts/known-hosts.ts'
import { type Slot, SlotWindow } from '../../../../src/hosts/slots.ts'
import { Limit, orAborted } from '../../../../src/hosts/ssh/limit.ts'
import { SSH_DEFAULTS } from '../../../../src/hosts/ssh/options.ts'
import { type Command, command } from '../../../../src/remote/command.ts'
import { TestAgent } from '../../../support/belt-agent.ts'
import { FakeHost } from '../../../support/fake-host.ts'
import { FakeSsh } from '../../../support/fake-ssh/server.ts'
import { newKeyPair } from '../../../support/sshd.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

/** A host that is silent until the test lets it answer or fail. */
class SilentHost extends FakeHost implements CheckableHost {
  readonly isConnected = false
  readonly isReady = false
  answer: () => void = () => {}
  fail: () => void = () => {}
  readonly #connection: Promise<void>

  constructor(name: string) {
    super(name, line => ({ stdout: line }))
    this.#connection = new Promise((resolve, reject) => {
      this.answer = resolve
      this.fail = () => reject(new HostError('unreachable', name, 'silent'))
    })
  }

  override async run(what: Command, options: RunOptions = {}): Promise<Result> {
    const { slot: turn } = options
    const limit = new Limit()
    limit.follow(options.signal, () => interrupted(this.name))
    await orAborted(turn?.connecting(this.#connection) ?? this.#connection, limit.signal)
    if (turn?.isReleased) await orAborted(turn.reacquire(), limit.signal)
    return super.run(what, options)
  }

  async check(): Promise<void> {}
  async prepare(): Promise<void> {}
}

/** A turn that tells what becomes of it; its place is given back when the test says so. */
class ToldTurn implements Slot {
  readonly told: string[] = []
  isReleased = false
  giveBack: () => void = () => {}

  connecting<T>(connection: Promise<T>): Promise<T> {
    return connection
  }

  release(): void {
    this.told.push('lent')
    this.isReleased = true
  }

  reacquire(): Promise<void> {
    this.told.push('asked for')
    return new Promise(resolve => {
      this.giveBack = () => {
        this.isReleased = false
        resolve()
      }
    })
  }
}

describe("a turn through Belt's agent", () => {
  let far: Map<string, SilentHost>
  let connections: AgentConnections
  let server: AgentServer
  let client: AgentClient

  beforeEach(async () => {
    far = new Map()
    const folder = await temporaryFolder()
    const open = ({ name }: HostAddress) => {
      const host = new SilentHost(name)
      far.set(name, host)
      return host
    }
    const knownHosts = new KnownHosts(join(folder, 'known_hosts'))
    connections = new AgentConnections({ open, knownHosts, idleMs: 60_000, onEmpty: () => {} })
    const listener = createServer()
    const status = { pid: 1, version: '1', startedAt: '', idleLimitMs: 60_000 }
    server = new AgentServer(listener, { connections, status, onStop: () => {} })
    const path = join(folder, 'agent.sock')
    await new Promise<void>(resolve => listener.listen(path, resolve))
    await chmod(path, 0o600)
    client = (await AgentClient.connect(path)) as AgentClient
    onTestFinished(async () => {
      client.close()
      await server.close()
      connections.close()
      listener.close()
    })
  })

  function near(name: string): Host {
    return client.host({ name, address: '192.0.2.1', port: 22, user: 'root', fresh: false })
  }

  /** The agent's host, once a command has come to it. */
  async function reached(name: string): Promise<SilentHost> {
    await expect.poll(() => far.has(name)).toBe(true)
    return far.get(name) as SilentHost
  }

  it('is kept if the host answers at once', async () => {
    const turn = new ToldTurn()
    const running = near('node1').run(command('true'), { slot: turn })
    const host = await reached('node1')
    host.answer()
    expect(await running).toMatchObject({ stdout: 'true' })
    expect(turn.told).toEqual([])
  })

  /** A command on a host that was silent, and answers now. */
  async function waitingFor(turn: ToldTurn, options: RunOptions = {}) {
    const running = near('node1').run(command('true'), { slot: turn, ...options })
    running.catch(() => {})
    const host = await reached('node1')
    await expect.poll(() => turn.told, { timeout: 5_000 }).toEqual(['lent'])
    host.answer()
    await expect.poll(() => turn.told).toEqual(['lent', 'asked for'])
    return { running, host }
  }

  it('is lent while the host is silent, and the command begins when it has a place again', async () => {
    const turn = new ToldTurn()
    const { running, host } = await waitingFor(turn)
    await client.ask({ what: 'status' })
    expect(host.lines).toEqual([])
    turn.giveBack()
    expect(await running).toMatchObject({ stdout: 'true' })
  })

  it('that others have already is asked for as well before the command begins', async () => {
    const turn = new ToldTurn()
    turn.release()
    const running = near('node1').run(command('true'), { slot: turn })
    const host = await reached('node1')
    host.answer()
    await expect.poll(() => turn.told).toEqual(['lent', 'asked for'])
    expect(host.lines).toEqual([])
    turn.giveBack()
    await running
  })

  it('is not waited for any more by a command that is interrupted', async () => {
    const stop = new AbortController()
    const { running, host } = await waitingFor(new ToldTurn(), { signal: stop.signal })
    stop.abort()
    await expect(running).rejects.toMatchObject({ code: 'interrupted' })
    await expect.poll(() => connections.running).toBe(0)
    expect(host.lines).toEqual([])
  })

  it('is still given to a command that an agent took before it was told to end', async () => {
    const turn = new ToldTurn()
    const { running } = await waitingFor(turn)
    server.stopAccepting()
    await expect.poll(() => client.isOpen).toBe(false)
    turn.giveBack()
    expect(await running).toMatchObject({ stdout: 'true' })
    expect(server.isBusy).toBe(false)
  })

  /** Begins on a silent host in the one place of a window, which another host's work takes then and keeps. */
  async function lentTo(work: Promise<void>) {
    const window = new SlotWindow(1)
    let isBegun = false
    const running = window.through(turn => near('node1').run(command('true'), { slot: turn }))
    running.catch(() => {})
    const other = window.through(() => {
      isBegun = true
      return work
    })
    const host = await reached('node1')
    await expect.poll(() => isBegun, { timeout: 5_000 }).toBe(true)
    return { window, running, other, host }
  }

  /** How many are worked on at once in a window. */
  async function placesOf(window: SlotWindow): Promise<number> {
    let most = 0
    let running = 0
    const work = async () => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setImmediate(resolve))
      running--
    }
    await Promise.all(Array.from({ length: 5 }, () => window.through(work)))
    return most
  }

  it.each([
    ['its host fails in silence', async (host: SilentHost) => host.fail()],
    ['the agent is lost in silence', async () => client.close()],
    [
      'the agent is lost while it waits for its place',
      async (host: SilentHost) => {
        host.answer()
        await client.ask({ what: 'status' })
        client.close()
      },
    ],
  ])('comes back once, and is not lost, when %s', async (_when, happens) => {
    let end = () => {}
    const work = new Promise<void>(resolve => {
      end = resolve
    })
    const { window, running, other, host } = await lentTo(work)
    await happens(host)
    await expect(running).rejects.toMatchObject({ host: 'node1' })
    end()
    await other
    expect(await placesOf(window)).toBe(1)
  })
})

describe("many hosts through Belt's agent", () => {
  it('that live are not held up by those that are dead', async () => {
    const folder = await temporaryFolder()
    const privateKey = join(folder, 'key')
    await writeFile(privateKey, newKeyPair().privateKey, { mode: 0o600 })
    const fake = await FakeSsh.start({
      hostKey: privateKey,
      faults: { 1: 'silent', 2: 'silent', 3: 'silent' },
    })
    const ssh = { ...SSH_DEFAULTS, homeDirectory: folder, privateKey, connectTimeoutMs: 8_000 }
    const agent = await TestAgent.start({ folder, privateKey }, { ssh })
    onTestFinished(async () => {
      await agent.dispose()
      await fake.stop()
    })
    const client = await agent.connect()
    const addresses = Array.from({ length: 40 }, (_, index) =>
      fake.address(`node${index + 1}`, `127.1.0.${index + 1}`),
    )
    const arrived: string[] = []
    const answers = await fanOut(
      addresses,
      (address, turn) => client.host(address).run(command('echo', 'hello'), { slot: turn }),
      { concurrency: 4, onAnswer: ({ host }) => arrived.push(host) },
    )
    const dead = failedOf(answers).map(({ host }) => host)
    expect(dead).toHaveLength(12)
    expect(arrived.slice(-12).toSorted()).toEqual(dead.toSorted())
  })
})
