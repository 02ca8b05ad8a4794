import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { restartEngines } from '../../../src/operations/machines/restart-engines.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet, remembered } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { NamedHosts } from '../../support/named-hosts.ts'

async function restart(...names: string[]) {
  const hosts = new NamedHosts(new FakeSwarm())
  const driver = new FakeDriver().with('mg0', 'mg1', 'mg2', 'node1', 'spare')
  const fleet = fakeFleet(driver, name => hosts.host(name), { activeHost: remembered('mg0') })
  const machines = (await driver.list()).filter(({ name }) => names.includes(name))
  return { hosts, run: () => restartEngines(fleet, machines) }
}

describe('restartEngines', () => {
  it('restarts workers first and the leader last', async () => {
    const { hosts, run } = await restart('mg0', 'mg1', 'node1', 'spare')
    for (const name of ['mg0', 'mg1', 'mg2']) hosts.swarm.enrol(name, 'manager')
    hosts.swarm.enrol('node1', 'worker')
    await run()
    expect(hosts.restarted).toEqual(['node1', 'spare', 'mg1', 'mg0'])
  })

  it('unlocks managers of a swarm with autolock, with the key that another one gives', async () => {
    const { hosts, run } = await restart('mg1', 'node1')
    for (const name of ['mg0', 'mg1', 'mg2']) hosts.swarm.enrol(name, 'manager')
    hosts.swarm.enrol('node1', 'worker')
    hosts.swarm.autolock = true
    await run()
    expect(hosts.restarted).toEqual(['node1', 'mg1'])
    expect(hosts.host('mg1').lines.some(line => line.includes('SWMKEY'))).toBe(false)
  })

  it('looks for another manager when the one that was asked is lost meanwhile', async () => {
    const { hosts, run } = await restart('node1')
    for (const name of ['mg0', 'mg1', 'mg2']) hosts.swarm.enrol(name, 'manager')
    hosts.swarm.enrol('node1', 'worker')
    const lost = new HostError('unreachable', 'mg0', 'mg0: no route to host')
    hosts.onRestart = () => {
      hosts.swarm.lose('mg0', lost)
      hosts.host('mg0').down = lost
    }
    await run()
    expect(hosts.restarted).toEqual(['node1'])
  })

  it('refuses a manager that the swarm cannot do without, in numbers', async () => {
    const { hosts, run } = await restart('mg1')
    hosts.swarm.enrol('mg0', 'manager')
    hosts.swarm.enrol('mg1', 'manager')
    await expect(run()).rejects.toMatchObject({
      code: 'quorum',
      exitCode: 5,
      message:
        'refused to restart mg1: 2 of 2 managers answer; with one stopped, 1 of 2 would answer, and the swarm needs 2',
    })
    expect(hosts.restarted).toEqual([])
  })

  it.each(['node1', 'mg1'])('restarts none when that of %s would not start again', async name => {
    const { hosts, run } = await restart('mg1', 'node1')
    for (const name of ['mg0', 'mg1', 'mg2']) hosts.swarm.enrol(name, 'manager')
    hosts.swarm.enrol('node1', 'worker')
    hosts.swarm.liveRestore.add(name)
    await expect(run()).rejects.toMatchObject({
      code: 'live-restore',
      exitCode: 3,
      message: expect.stringContaining(`the engine of ${name} has live-restore on`),
      hint: expect.stringContaining('"live-restore": false'),
    })
    expect(hosts.restarted).toEqual([])
  })

  it('restarts one that keeps its containers running, where it is in no swarm', async () => {
    const { hosts, run } = await restart('spare')
    hosts.swarm.liveRestore.add('spare')
    await run()
    expect(hosts.restarted).toEqual(['spare'])
  })

  it('stops before the next engine when quorum has become narrow meanwhile', async () => {
    const { hosts, run } = await restart('mg1', 'node1')
    hosts.swarm.enrol('mg0', 'manager')
    hosts.swarm.enrol('mg1', 'manager')
    hosts.swarm.enrol('mg2', 'manager', { reachability: 'unreachable' })
    hosts.swarm.enrol('node1', 'worker')
    await expect(run()).rejects.toMatchObject({ code: 'quorum' })
    expect(hosts.restarted).toEqual(['node1'])
  })

  it('does not say that nothing was changed where a check fails after the first', async () => {
    const { hosts, run } = await restart('node1', 'spare')
    for (const name of ['mg0', 'mg1', 'mg2']) hosts.swarm.enrol(name, 'manager')
    for (const name of ['node1', 'spare']) hosts.swarm.enrol(name, 'worker')
    hosts.swarm.also = name => {
      const isNext = name === 'spare' && hosts.restarted.includes('node1')
      if (isNext)
        for (const manager of ['mg0', 'mg1', 'mg2'])
          hosts.host(manager).down = new HostError('unreachable', manager, `${manager}: no route to host`)
      return undefined
    }
    await expect(run()).rejects.toMatchObject({
      code: 'no-manager',
      exitCode: 4,
      message: expect.stringMatching(/\nrestarted before that: node1$/),
    })
    expect(hosts.restarted).toEqual(['node1'])
  })
})
