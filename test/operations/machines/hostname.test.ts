import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { renameHosts } from '../../../src/operations/machines/hostname.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet, remembered } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { NamedHosts } from '../../support/named-hosts.ts'

function fleetOf(...names: string[]) {
  const hosts = new NamedHosts(new FakeSwarm())
  const fleet = fakeFleet(new FakeDriver().with(...names), name => hosts.host(name), {
    activeHost: remembered('mg0'),
  })
  return { hosts, fleet }
}

const rename = (fleet: Parameters<typeof renameHosts>[0], ...nodes: string[]) => renameHosts(fleet, nodes, 50)

describe('renameHosts', () => {
  it('renames those that are called otherwise, and touches no other', async () => {
    const { hosts, fleet } = fleetOf('node1', 'node2')
    hosts.call('node1', 'ubuntu')
    const { answers, stale } = await rename(fleet, '*')
    expect(answers).toMatchObject([
      { host: 'node1', ok: true, value: true },
      { host: 'node2', ok: true, value: false },
    ])
    expect(hosts.names.get('node1')).toEqual({ live: 'node1', configured: 'node1', engine: 'node1' })
    expect(stale).toEqual([])
  })

  it('is not content with the name until the next start only', async () => {
    const { hosts, fleet } = fleetOf('node1')
    hosts.names.set('node1', { live: 'node1', configured: 'ubuntu', engine: 'node1' })
    expect((await rename(fleet, 'node1')).answers).toMatchObject([{ value: true }])
    expect(hosts.names.get('node1')?.configured).toBe('node1')
  })

  it('tells which engines still use the old name', async () => {
    const { hosts, fleet } = fleetOf('node1', 'node2')
    hosts.call('node1', 'ubuntu')
    hosts.forgetful.add('node1')
    expect((await rename(fleet, '*')).stale.map(({ name }) => name)).toEqual(['node1'])
    expect(hosts.restarted).toEqual([])
  })

  it('tells which nodes the swarm still lists by the old name', async () => {
    const { hosts, fleet } = fleetOf('mg0', 'node1')
    hosts.swarm.enrol('mg0', 'manager')
    hosts.swarm.enrol('node1', 'worker', { hostname: 'ubuntu' })
    expect((await rename(fleet, '*')).stale.map(({ name }) => name)).toEqual(['node1'])
  })

  it('fails for a host that keeps its name, and says so', async () => {
    const { hosts, fleet } = fleetOf('node1', 'node2')
    hosts.call('node1', 'ubuntu')
    hosts.stubborn.add('node1')
    const { answers } = await rename(fleet, '*')
    expect(answers[0]).toMatchObject({ ok: false, error: { code: 'rename-incomplete' } })
    expect(answers[1]).toMatchObject({ ok: true })
  })

  it('renames the others when a host gives no answer', async () => {
    const { hosts, fleet } = fleetOf('node1', 'node2')
    hosts.host('node1').down = new HostError('unreachable', 'node1', 'no route')
    hosts.call('node2', 'ubuntu')
    const { answers, stale } = await rename(fleet, '*')
    expect(answers).toMatchObject([{ ok: false }, { ok: true, value: true }])
    expect(stale).toEqual([])
  })
})
