import { describe, expect, it, vi } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import { changeRole } from '../../src/steps/change-role.ts'
import { perform } from '../../src/steps/step.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'
import { FlyingClock } from '../support/flying-clock.ts'

function swarmOfThree() {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  swarm.enrol('node1', 'worker')
  const target = (name: string) => ({
    findManager: async () => swarm.host(swarm.host('mg0').down ? 'mg2' : 'mg0'),
    node: swarm.node(name),
    host: swarm.host(name),
  })
  return { swarm, target }
}

describe('changeRole', () => {
  it('has nothing to do where the role is in effect', async () => {
    const { target } = swarmOfThree()
    expect(await changeRole(target('mg1'), 'manager').changes()).toEqual([])
    expect(await changeRole(target('node1'), 'worker').changes()).toEqual([])
  })

  it('says what it would change', async () => {
    const { target } = swarmOfThree()
    expect((await changeRole(target('mg1'), 'worker').changes()).map(String)).toEqual([
      'mg1 becomes a worker',
    ])
  })

  it('is not done when only the managers say so, and the certificate still is the old one', async () => {
    const { swarm, target } = swarmOfThree()
    swarm.stubborn.add('mg1')
    const demotion = perform(changeRole(target('mg1'), 'worker'))
    await vi.waitFor(() => expect(swarm.node('mg1').reachability).toBeUndefined())
    expect((await changeRole(target('mg1'), 'worker').changes()).map(String)).toEqual([
      'mg1 becomes a worker',
    ])
    swarm.set('mg1', { role: 'worker' })
    expect(await demotion).toBe(true)
  })

  it('asks another manager when the one that was asked is lost meanwhile', async () => {
    const { swarm, target } = swarmOfThree()
    swarm.stubborn.add('mg1')
    const demotion = perform(changeRole(target('mg1'), 'worker'))
    await vi.waitFor(() => expect(swarm.node('mg1').reachability).toBeUndefined())
    swarm.lose('mg0', new HostError('unreachable', 'mg0', 'mg0: no route to host'))
    swarm.set('mg1', { role: 'worker' })
    expect(await demotion).toBe(true)
    expect(swarm.host('mg2').lines).not.toEqual([])
  })

  it('lets a demotion end before it promotes again', async () => {
    const { swarm, target } = swarmOfThree()
    swarm.set('node1', { role: 'manager' })
    const promotion = perform(changeRole(target('node1'), 'manager'))
    await vi.waitFor(() => expect(swarm.host('node1').requests).toContain('GET /info'))
    expect(swarm.host('mg0').lines).not.toContain('docker node promote id-node1')
    swarm.set('node1', { role: 'worker' })
    expect(await promotion).toBe(true)
    expect(swarm.host('mg0').lines).toContain('docker node promote id-node1')
  })

  it('refuses to promote a node that is down, or whose host does not answer', async () => {
    const { swarm, target } = swarmOfThree()
    await expect(
      changeRole({ ...target('node1'), host: undefined }, 'manager').changes(),
    ).rejects.toMatchObject({
      code: 'not-ready',
      exitCode: 3,
    })
    swarm.change('id-node1', { state: 'down' })
    await expect(changeRole(target('node1'), 'manager').changes()).rejects.toMatchObject({
      message: 'node1 cannot become a manager: the managers report it as down',
    })
  })

  it('reports it as a matter of the quorum when the swarm refuses to lose it', async () => {
    const { swarm, target } = swarmOfThree()
    swarm.also = (_, line) =>
      line.startsWith('docker node demote')
        ? { code: 1, stderr: 'demoting this manager would result in a loss of quorum\n' }
        : undefined
    await expect(perform(changeRole(target('mg1'), 'worker'))).rejects.toMatchObject({
      code: 'quorum',
      exitCode: 5,
    })
  })

  it('fails with what is missing if the role is not in effect at the deadline', async () => {
    const { swarm, target } = swarmOfThree()
    swarm.stubborn.add('mg1')
    const demotion = changeRole(target('mg1'), 'worker', { clock: new FlyingClock() })
    await expect(perform(demotion)).rejects.toMatchObject({
      code: 'role-incomplete',
      message: 'mg1 is not a worker yet: its engine has not changed its role',
    })
  })
})
