import { describe, expect, it } from 'vitest'
import { joinNodes } from '../../../src/operations/swarm/join.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { FlyingClock } from '../../support/flying-clock.ts'

function fleetOf(...names: string[]) {
  const swarm = new FakeSwarm()
  swarm.clock = new FlyingClock()
  swarm.enrol('mg0', 'manager')
  const fleet = fakeFleet(new FakeDriver().with('mg0', ...names), name => swarm.host(name), {
    clock: swarm.clock,
  })
  return { swarm, fleet }
}

describe('joinNodes', () => {
  it('returns one answer per machine, and continues after a failure', async () => {
    const { swarm, fleet } = fleetOf('node1', 'node2', 'node3')
    swarm.faults.set('node2', { refusal: 'no route to host' })
    const answers = await joinNodes(fleet, { manager: 'mg0', nodes: 'node[1:3]', role: 'worker' })
    expect(answers.map(({ host, ok }) => [host, ok])).toEqual([
      ['node1', true],
      ['node2', false],
      ['node3', true],
    ])
  })

  it('joins managers one at a time', async () => {
    const { swarm, fleet } = fleetOf('mg1', 'mg2', 'mg3', 'mg4')
    const answers = await joinNodes(fleet, { manager: 'mg0', nodes: 'mg[1:4]', role: 'manager' })
    expect(answers.every(answer => answer.ok)).toBe(true)
    expect(swarm.managersJoiningAtOnce).toBe(1)
  })

  it('stops at the first manager that fails', async () => {
    const { swarm, fleet } = fleetOf('mg1', 'mg2', 'mg3')
    swarm.faults.set('mg2', { refusal: 'could not connect to prospective new cluster member' })
    const answers = await joinNodes(fleet, { manager: 'mg0', nodes: 'mg[1:3]', role: 'manager' })
    expect(answers.map(answer => (answer.ok ? 'joined' : answer.error.code))).toEqual([
      'joined',
      'join-failed',
      'not-tried',
    ])
    expect(swarm.host('mg3').lines).toEqual([])
  })

  it('skips the manager itself if the selection contains it', async () => {
    const { fleet } = fleetOf('node1')
    const answers = await joinNodes(fleet, { manager: 'mg0', nodes: '*', role: 'worker' })
    expect(answers.map(({ host }) => host)).toEqual(['node1'])
  })

  it('refuses to join through a host that is not a manager', async () => {
    const { swarm, fleet } = fleetOf('node1', 'node2')
    swarm.enrol('node1', 'worker')
    await expect(
      joinNodes(fleet, { manager: 'node1', nodes: 'node2', role: 'worker' }),
    ).rejects.toMatchObject({
      code: 'not-a-manager',
      exitCode: 3,
    })
    expect(swarm.host('node2').lines).toEqual([])
  })

  it('names all missing machines before it joins any', async () => {
    const { swarm, fleet } = fleetOf('node1')
    await expect(joinNodes(fleet, { manager: 'mg0', nodes: 'node[1:3]', role: 'worker' })).rejects.toThrow(
      'prod has no machine named node2, node3',
    )
    expect(swarm.nodes()).toHaveLength(1)
  })
})
