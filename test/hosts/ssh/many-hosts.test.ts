import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Answer, failedOf, fanOut } from '../../../src/hosts/fan-out.ts'
import type { HostAddress, Result } from '../../../src/hosts/host.ts'
import { KnownHosts } from '../../../src/hosts/known-hosts/known-hosts.ts'
import type { Slot } from '../../../src/hosts/slots.ts'
import { SSH_DEFAULTS, type SshOptions } from '../../../src/hosts/ssh/options.ts'
import { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { command } from '../../../src/remote/command.ts'
import { FakeSsh, type Fault } from '../../support/fake-ssh/server.ts'
import { newKeyPair } from '../../support/sshd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

type Faults = Partial<Record<number, Fault>>

/** How long a silent host is waited for; a busy machine takes seconds for those that live. */
const SILENT_MS = 8_000
const SLOW_MS = 1_000

describe('many hosts', () => {
  it('each return one answer, including dead, slow and broken hosts', async () => {
    const fleet = await start({ 3: 'silent', 5: 'slow', 7: 'dropping', 9: 'breaking' })
    const { answers, arrived } = await fleet.ask(100)
    expect(arrived.toSorted()).toEqual(answers.map(({ host }) => host).toSorted())
    expect(new Set(arrived).size).toBe(100)
    const failures = failedOf(answers)
    expect(tally(failures.map(({ error }) => error.code))).toEqual({
      'host-unreachable': 10,
      'host-reset': 10,
      'host-lost': 10,
    })
    expect(answers.filter(answer => answer.ok && answer.value.stdout === 'hello\n')).toHaveLength(70)
  })

  it('are not delayed by dead hosts', async () => {
    const fleet = await start({ 1: 'silent', 2: 'silent', 3: 'silent' })
    const { answers, arrived } = await fleet.ask(40, 4)
    const dead = failedOf(answers).map(({ host }) => host)
    expect(dead).toHaveLength(12)
    expect(arrived.slice(-12).toSorted()).toEqual(dead.toSorted())
  })

  it('that answer late start when they get a slot again, with their full time', async () => {
    const { fake, hosts } = await start({})
    let giveBack = () => {}
    let wait = () => {}
    const waiting = new Promise<void>(resolve => {
      wait = resolve
    })
    const turn: Slot = {
      isReleased: true,
      connecting: connection => connection,
      release: () => {},
      reacquire: () =>
        new Promise(resolve => {
          giveBack = resolve
          wait()
        }),
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
    onTestFinished(() => void vi.useRealTimers())
    const running = hosts
      .host(fake.address('node1', '127.1.0.1'))
      .run(command('echo', 'hello'), { slot: turn, timeoutMs: 60_000 })
    await waiting
    await vi.advanceTimersByTimeAsync(120_000)
    expect([fake.connections, fake.commands]).toEqual([1, 0])
    giveBack()
    expect(await running).toMatchObject({ stdout: 'hello\n' })
  })

  it('are retried if their connection start was dropped', async () => {
    const retries: string[] = []
    const fleet = await start({ 5: 'dropping once' }, { onRetry: host => retries.push(host) })
    const { answers } = await fleet.ask(20)
    expect(failedOf(answers)).toEqual([])
    expect(retries.toSorted()).toEqual(['node15', 'node5'])
  })

  it('fail with the last cause if every connection start is dropped', async () => {
    const fleet = await start({ 1: 'dropping' }, { connectTimeoutMs: 3_000 })
    const { answers } = await fleet.ask(1)
    expect(failedOf(answers)).toMatchObject([
      {
        error: {
          failure: 'reset',
          message: expect.stringMatching(/it closed the connection before login \(retried for \d s\)$/),
        },
      },
    ])
    expect(fleet.fake.connections).toBeGreaterThan(2)
  })

  it('do not block the event loop while hundreds of connections are opened', async () => {
    const fleet = await start({}, { connectTimeoutMs: 60_000 })
    await fleet.ask(10)
    const turns = countTurns()
    await fleet.ask(600, 600)
    // a loop that is blocked for the whole of it would have had a handful
    expect(turns()).toBeGreaterThan(20)
  })
})

interface Fleet {
  readonly fake: FakeSsh
  readonly hosts: SshHosts
  ask(count: number, concurrency?: number): Promise<{ answers: Answer<Result>[]; arrived: string[] }>
}

async function start(faults: Faults, more: Partial<SshOptions> = {}): Promise<Fleet> {
  const folder = await temporaryFolder()
  const key = join(folder, 'key')
  await writeFile(key, newKeyPair().privateKey, { mode: 0o600 })
  const fake = await FakeSsh.start({ hostKey: key, faults, slowMs: SLOW_MS })
  const hosts = new SshHosts({
    ...SSH_DEFAULTS,
    homeDirectory: folder,
    privateKey: key,
    knownHosts: new KnownHosts(join(folder, 'known_hosts')),
    connectTimeoutMs: SILENT_MS,
    ...more,
  })
  onTestFinished(async () => {
    hosts.close()
    await fake.stop()
  })
  return {
    fake,
    hosts,
    async ask(count, concurrency = 128) {
      const arrived: string[] = []
      const addresses = Array.from({ length: count }, (_, index) =>
        fake.address(`node${index + 1}`, `127.1.${Math.floor(index / 200)}.${(index % 200) + 1}`),
      )
      const ask = (address: HostAddress, turn: Slot) =>
        hosts.host(address).run(command('echo', 'hello'), { slot: turn })
      const answers = await fanOut(addresses, ask, {
        concurrency,
        onAnswer: ({ host }) => arrived.push(host),
      })
      return { answers, arrived }
    },
  }
}

function tally(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...new Set(words)].map(word => [word, words.filter(other => other === word).length]),
  )
}

function countTurns(): () => number {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  return () => {
    clearInterval(timer)
    return turns
  }
}
