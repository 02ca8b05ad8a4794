import { describe, expect, it } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import { collectOutputs, type HostOutput } from '../../src/operations/collect-outputs.ts'
import {
  causeOf,
  type ManyHostsOptions,
  runAgainOnHost,
  runOnHosts,
} from '../../src/operations/run-on-hosts.ts'
import { command } from '../../src/remote/command.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet } from '../support/fake-fleet.ts'
import { FakeHost, type Responder } from '../support/fake-host.ts'
import { Sink } from '../support/sink.ts'

const NAMES = ['node1', 'node2', 'node3', 'node4']

/** Hosts that answer by their names. */
function hostsThat(respond: (name: string) => ReturnType<Responder>, change: object = {}) {
  const hosts = new Map(NAMES.map(name => [name, new FakeHost(name, () => respond(name))]))
  const host = (name: string) => hosts.get(name) ?? new FakeHost(name)
  const fleet = fakeFleet(new FakeDriver().with(...NAMES), host, change)
  return { fleet, host }
}

const sinks = { streamsFor: () => ({ stdout: new Sink(), stderr: new Sink(), done() {} }) }
const run = async (fleet: ReturnType<typeof hostsThat>['fleet'], options: Partial<ManyHostsOptions> = {}) =>
  runOnHosts(fleet, await fleet.driver.list(), command('uptime'), { ...sinks, ...options })

describe('runOnHosts', () => {
  it('answers for every host, and remembers those that failed, for whatever cause', async () => {
    const { fleet, host } = hostsThat(name => ({ code: name === 'node2' ? 2 : 0 }))
    host('node3').down = new HostError('refused', 'node3', 'node3 refuses')
    expect((await run(fleet)).map(causeOf)).toEqual([undefined, 'exit code 2', 'refused', undefined])
    expect(await fleet.lastFailures.get()).toEqual(['node2', 'node3'])
  })

  it('lets go of each connection as soon as its host has answered', async () => {
    const open: string[][] = []
    const { fleet, host } = hostsThat(
      () => {
        open.push(NAMES.filter(name => !host(name).isClosed))
        return {}
      },
      { concurrency: 1 },
    )
    await run(fleet)
    expect(open).toEqual(NAMES.map((_, index) => NAMES.slice(index)))
  })

  it('forgets those that failed before when all succeed', async () => {
    const { fleet } = hostsThat(() => ({}))
    await fleet.lastFailures.set(['node1'])
    await run(fleet)
    expect(await fleet.lastFailures.get()).toEqual([])
  })

  it('ends at the deadline of the run, with what hangs and what was not begun as timed out', async () => {
    const { fleet } = hostsThat(name => (name === 'node1' ? {} : { hangs: true }), { concurrency: 2 })
    const answers = await run(fleet, { deadlineMs: 200 })
    expect(answers.map(causeOf)).toEqual([undefined, 'timeout', 'timeout', 'timeout'])
    expect(answers[1]).toMatchObject({
      error: { code: 'host-timeout', message: 'node2 was not done when the run ended, after 0.2 s' },
    })
    expect(answers[3]).toMatchObject({
      error: { message: 'node4 was not begun when the run ended, after 0.2 s' },
    })
    expect(await fleet.lastFailures.get()).toEqual(['node2', 'node3', 'node4'])
  })

  it('asks for no host any more after the deadline of the run', async () => {
    const { fleet } = hostsThat(() => ({ hangs: true }), { concurrency: 1 })
    const asked: string[] = []
    const host: typeof fleet.host = machine => {
      asked.push(machine.name)
      return fleet.host(machine)
    }
    await run({ ...fleet, host }, { deadlineMs: 200 })
    expect(asked).toEqual(['node1'])
  })

  it('tells when a command that was started has ended', async () => {
    const { fleet } = hostsThat(() => ({}))
    const running = new Set<unknown>()
    let most = 0
    await run(fleet, {
      onStart(send) {
        running.add(send)
        most = Math.max(most, running.size)
        return () => running.delete(send)
      },
    })
    expect(most).toBeGreaterThan(0)
    expect(running.size).toBe(0)
  })

  it('counts no answer before what was printed is taken', async () => {
    const { fleet } = hostsThat(() => ({}))
    let take = () => {}
    const taken = new Promise<void>(resolve => {
      take = resolve
    })
    const answered: string[] = []
    const running = run(fleet, {
      streamsFor: name => ({
        ...sinks.streamsFor(),
        done: async () => (name === 'node2' ? taken : undefined),
      }),
      onAnswer: ({ host }) => void answered.push(host),
    })
    await expect.poll(() => answered).toEqual(['node1', 'node3', 'node4'])
    take()
    await running
    expect(answered.at(-1)).toBe('node2')
  })

  it('begins no host any more when told, and lets what runs go on', async () => {
    const noMore = new AbortController()
    const { fleet, host } = hostsThat(
      name => {
        if (name === 'node2') noMore.abort()
        return {}
      },
      { concurrency: 1 },
    )
    const answers = await run(fleet, { noMore: noMore.signal })
    expect(answers.map(causeOf)).toEqual([undefined, undefined, 'interrupted', 'interrupted'])
    expect(host('node3').lines).toEqual([])
  })

  it('tells an interruption from the deadline', async () => {
    const interruption = new AbortController()
    const { fleet } = hostsThat(() => ({ hangs: true }), { signal: interruption.signal })
    const running = run(fleet, { deadlineMs: 60_000 })
    interruption.abort()
    expect((await running).map(causeOf)).toEqual(NAMES.map(() => 'interrupted'))
  })
})

describe('runAgainOnHost', () => {
  it('takes a host off those that failed only when it succeeds', async () => {
    let code = 1
    const { fleet } = hostsThat(() => ({ code }))
    await fleet.lastFailures.set(['node1'])
    const [machine] = await fleet.driver.list()
    if (!machine) throw new Error('no machine')
    const again = () => runAgainOnHost(fleet, machine, command('true'), sinks.streamsFor())
    expect((await again()).code).toBe(1)
    expect(await fleet.lastFailures.get()).toEqual(['node1'])
    code = 0
    await again()
    expect(await fleet.lastFailures.get()).toEqual([])
  })
})

describe('collectOutputs', () => {
  const collect = async (fleet: ReturnType<typeof hostsThat>['fleet'], maxOutputBytes = 1000) => {
    const outputs: HostOutput[] = []
    const answers = await collectOutputs(fleet, await fleet.driver.list(), command('uptime'), {
      maxOutputBytes,
      onOutput: output => void outputs.push(output),
    })
    return { answers, outputs: outputs.toSorted((a, b) => a.answer.host.localeCompare(b.answer.host)) }
  }

  it('keeps stdout and stderr of every host apart, also of one that gave no answer', async () => {
    const { fleet, host } = hostsThat(name => ({ stdout: `out ${name}\n`, stderr: `err ${name}\n`, code: 3 }))
    host('node4').down = new HostError('refused', 'node4', 'node4 refuses')
    const { outputs } = await collect(fleet)
    expect(outputs.map(({ answer, stdout, stderr }) => [answer.host, stdout, stderr])).toEqual([
      ['node1', 'out node1\n', 'err node1\n'],
      ['node2', 'out node2\n', 'err node2\n'],
      ['node3', 'out node3\n', 'err node3\n'],
      ['node4', '', ''],
    ])
  })

  it('keeps no more than told of each, and says so', async () => {
    const { fleet } = hostsThat(name => ({ stdout: name === 'node2' ? '123456789' : '1234' }))
    const { outputs } = await collect(fleet, 4)
    expect(outputs.map(({ stdout, truncated }) => [stdout, truncated])).toEqual([
      ['1234', false],
      ['1234', true],
      ['1234', false],
      ['1234', false],
    ])
  })

  it('begins no further host before an output was taken', async () => {
    const { fleet, host } = hostsThat(() => ({}), { concurrency: 1 })
    const release: (() => void)[] = []
    const collecting = collectOutputs(fleet, await fleet.driver.list(), command('uptime'), {
      maxOutputBytes: 10,
      onOutput: () => new Promise<void>(resolve => release.push(resolve)),
    })
    await expect.poll(() => release.length).toBe(1)
    expect(host('node2').lines).toEqual([])
    for (const count of [2, 3, 4]) {
      release.at(-1)?.()
      await expect.poll(() => release.length).toBe(count)
    }
    release.at(-1)?.()
    expect(await collecting).toHaveLength(4)
  })
})
