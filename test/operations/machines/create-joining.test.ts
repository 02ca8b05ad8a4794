import { describe, expect, it } from 'vitest'
import type { DriverCallOptions, MachineSpec, Outcome } from '../../../src/drivers/driver.ts'
import { BeltError, ExitCode } from '../../../src/errors.ts'
import { HostError } from '../../../src/hosts/errors.ts'
import { createJoining } from '../../../src/operations/machines/create-joining.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet, remembered } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'

/** A cloud whose machines run a script at their first start: here it makes them join, with the token that is in it. */
class FakeCloud extends FakeDriver {
  readonly scripts: string[] = []
  /** Machines whose script comes to nothing. */
  readonly idle = new Set<string>()
  /** What happens when machines are made. */
  onMade: () => void = () => {}
  readonly #swarm: FakeSwarm

  constructor(swarm: FakeSwarm) {
    super('prod')
    this.#swarm = swarm
  }

  async createWithScript(specs: readonly MachineSpec[], script: string, options?: DriverCallOptions) {
    this.scripts.push(script)
    const before = (await this.list()).map(({ name }) => name)
    const outcomes = await this.create(specs, options)
    for (const outcome of outcomes) if (!before.includes(outcome.name)) this.#boot(outcome, script)
    this.onMade()
    return outcomes
  }

  #boot(outcome: Outcome, script: string): void {
    if (!outcome.ok || this.idle.has(outcome.name) || !script.includes(`"${this.#swarm.tokenOf('worker')}"`))
      return
    this.#swarm.enrol(outcome.name, 'worker', { address: outcome.machine.privateAddress ?? '' })
  }
}

function cloudWithManager() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  const cloud = new FakeCloud(swarm)
  cloud.with('mg0')
  const notes: string[] = []
  const interruption = new AbortController()
  const plain = fakeFleet(cloud, name => swarm.host(name), {
    signal: interruption.signal,
    activeHost: remembered('mg0'),
  })
  const progress = { ...plain.progress, note: (text: string) => void notes.push(text) }
  return { swarm, cloud, notes, interruption, fleet: { ...plain, progress } }
}

const specs = (...names: string[]) => names.map(name => ({ name, size: '512mb' }))

describe('creating machines that join at their first start', () => {
  it('waits until the managers see each, and never talks to one', async () => {
    const { swarm, cloud, fleet } = cloudWithManager()
    const { joined, failures } = await createJoining(fleet, specs('node1', 'node2'), 1000)
    expect(joined).toEqual(['node1', 'node2'])
    expect(failures).toEqual([])
    expect(cloud.scripts[0]).toContain('10.0.0.1:2377')
    expect([...swarm.host('node1').lines, ...swarm.host('node2').lines]).toEqual([])
  })

  it('replaces the token that is in the user data', async () => {
    const { swarm, cloud, fleet } = cloudWithManager()
    const before = swarm.tokenOf('worker')
    const { tokenReplaced, tokenError } = await createJoining(fleet, specs('node1'), 1000)
    expect(cloud.scripts[0]).toContain(before)
    expect(swarm.tokenOf('worker')).not.toBe(before)
    expect([tokenReplaced, tokenError]).toEqual([true, undefined])
  })

  it('tells of each machine that was not seen by the deadline, and what to type next', async () => {
    const { swarm, cloud, fleet } = cloudWithManager()
    cloud.idle.add('node2')
    cloud.failNext('create', 'node3')
    const { joined, failures } = await createJoining(fleet, specs('node1', 'node2', 'node3'), 1)
    expect(joined).toEqual(['node1'])
    expect(failures.map(({ name, error }) => [name, error.message])).toEqual([
      ['node3', 'cannot create node3'],
      ['node2', 'node2 was created, but has not joined within 0 s: the managers do not list it'],
    ])
    expect(failures[1]?.error).toMatchObject({
      code: 'not-joined',
      hint: expect.stringContaining('belt swarm join mg0 node2'),
    })
    expect(await fleet.lastFailures.get()).toEqual(['node3', 'node2'])
    expect(swarm.rotations).toBe(1)
  })

  it('does not take the node of a machine that had the name before for the new one', async () => {
    const { swarm, cloud, fleet } = cloudWithManager()
    swarm.enrol('node1', 'worker')
    swarm.set('node1', { state: 'inactive' })
    cloud.idle.add('node1')
    const { joined, failures } = await createJoining(fleet, specs('node1'), 1)
    expect(joined).toEqual([])
    expect(failures[0]?.error).toMatchObject({ code: 'not-joined' })
  })

  it('says that it does not know where the managers fall silent', async () => {
    const { swarm, cloud, fleet } = cloudWithManager()
    cloud.onMade = () => {
      swarm.leaderless = true
    }
    const { failures, tokenReplaced, tokenError } = await createJoining(fleet, specs('node1'), 1)
    expect(tokenReplaced).toBe(false)
    expect(failures[0]?.error.message).toContain(
      'the managers do not answer: mg0: The swarm does not have a leader',
    )
    expect(tokenError).toMatchObject({ code: 'token-not-replaced', hint: 'belt swarm token worker --rotate' })
  })

  it.each(['creating', 'waiting'] as const)(
    'replaces the token when it is interrupted while %s',
    async when => {
      const { swarm, cloud, interruption, fleet } = cloudWithManager()
      const stop = () =>
        interruption.abort(new BeltError('interrupted', 'interrupted', { exitCode: ExitCode.interrupted }))
      if (when === 'creating') cloud.onMade = stop
      else
        cloud.onMade = () => {
          swarm.also = (_, __, input) => void (input.includes('GET /nodes') && stop())
        }
      cloud.idle.add('node1')
      await expect(createJoining(fleet, specs('node1'), 10_000)).rejects.toMatchObject({
        code: 'interrupted',
        exitCode: 130,
        message: expect.stringContaining('node1'),
      })
      expect(swarm.rotations).toBe(1)
    },
  )

  it('says so when it could not replace the token after a failure, and hides the failure behind nothing', async () => {
    const { swarm, cloud, notes, fleet } = cloudWithManager()
    cloud.onMade = () => {
      swarm.leaderless = true
      throw new BeltError('cloud-down', 'the cloud is gone')
    }
    await expect(createJoining(fleet, specs('node1'), 1000)).rejects.toMatchObject({ code: 'cloud-down' })
    expect(notes.at(-1)).toMatch(/^warning: the worker token .* belt swarm token worker --rotate$/)
  })

  it('joins over SSH what was there before and has not joined, half-made machines too', async () => {
    const { swarm, cloud, fleet } = cloudWithManager()
    cloud.with('node1')
    cloud.vendor.begin('prod', 'node2')
    const { joined, existing } = await createJoining(fleet, specs('node1', 'node2', 'node3'), 1000)
    expect(joined).toEqual(['node1', 'node2', 'node3'])
    expect(existing).toEqual(['node1'])
    expect(swarm.nodes().map(({ hostname }) => hostname)).toEqual(['mg0', 'node3', 'node1', 'node2'])
    expect(swarm.host('node3').lines).toEqual([])
  })

  it('has nothing to do for machines that have joined', async () => {
    const { swarm, fleet } = cloudWithManager()
    await createJoining(fleet, specs('node1'), 1000)
    const { joined, failures, existing } = await createJoining(fleet, specs('node1'), 1000)
    expect({ joined, failures, existing }).toEqual({ joined: ['node1'], failures: [], existing: ['node1'] })
    expect(swarm.host('node1').lines).toEqual([])
  })

  it('keeps a token that no machine was given', async () => {
    const { swarm, cloud, fleet } = cloudWithManager()
    cloud.with('node1')
    cloud.vendor.begin('prod', 'node2')
    const { joined, tokenReplaced } = await createJoining(fleet, specs('node1', 'node2'), 1000)
    expect(joined).toEqual(['node1', 'node2'])
    expect([tokenReplaced, swarm.rotations, cloud.scripts]).toEqual([false, 0, []])
  })

  it('makes nothing where there is no swarm, or no manager that answers', async () => {
    const { swarm, cloud, fleet } = cloudWithManager()
    swarm.host('mg0').down = new HostError('unreachable', 'mg0', 'mg0: silence')
    await expect(createJoining(fleet, specs('node1'), 1000)).rejects.toMatchObject({ exitCode: 3 })
    const empty = fakeFleet(new FakeDriver('empty'), name => swarm.host(name))
    await expect(createJoining(empty, specs('node1'), 1000)).rejects.toMatchObject({
      code: 'no-swarm',
      exitCode: 3,
    })
    expect(cloud.calls).toEqual([])
    expect(swarm.rotations).toBe(0)
  })
})

describe('where the driver hands over no script', () => {
  it('the machines join over SSH, and the token stays', async () => {
    const swarm = new FakeSwarm()
    swarm.enrol('mg0', 'manager')
    const fleet = fakeFleet(new FakeDriver().with('mg0'), name => swarm.host(name))
    const { joined, failures, tokenReplaced } = await createJoining(fleet, specs('node1', 'node2'), 1000)
    expect(joined).toEqual(['node1', 'node2'])
    expect(failures).toEqual([])
    expect([tokenReplaced, swarm.rotations]).toEqual([false, 0])
  })
})
