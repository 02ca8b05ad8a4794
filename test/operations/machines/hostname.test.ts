import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { renameHosts } from '../../../src/operations/machines/hostname.ts'
import { silentProgress } from '../../../src/progress.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet, remembered } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { NamedHosts } from '../../support/named-hosts.ts'

function fleetOf(...names: string[]) {
  const hosts = new NamedHosts(new FakeSwarm())
  const notes: string[] = []
  const fleet = fakeFleet(new FakeDriver().with(...names), name => hosts.host(name), {
    activeHost: remembered('mg0'),
    progress: { ...silentProgress, note: text => void notes.push(text) },
  })
  return { hosts, fleet, notes }
}

const rename = (fleet: Parameters<typeof renameHosts>[0], ...nodes: string[]) =>
  renameHosts(fleet, nodes, { deadlineMs: 50, everyMs: 5 })

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

describe('the wait for the new names', () => {
  const REFUSED = { code: 1, stderr: 'Error response from daemon: not now\n' }

  it('goes on when the swarm or a host does not answer in between', async () => {
    const { hosts, fleet } = fleetOf('mg0', 'node1')
    hosts.swarm.enrol('mg0', 'manager')
    const { id } = hosts.swarm.enrol('node1', 'worker', { hostname: 'ubuntu' })
    let lists = 0
    let reads = 0
    hosts.swarm.also = (name, line, input) => {
      if (input.toString().startsWith('GET /nodes')) {
        lists += 1
        if (lists === 2) return REFUSED
        if (lists === 4) hosts.swarm.change(id, { hostname: 'node1' })
      }
      if (name === 'node1' && line.startsWith('docker info')) {
        reads += 1
        if (reads === 3) return REFUSED
      }
      return undefined
    }
    const { answers, stale } = await renameHosts(fleet, ['*'], { deadlineMs: 5000, everyMs: 5 })
    expect([lists, stale]).toEqual([4, []])
    expect(answers.every(({ ok }) => ok)).toBe(true)
  })

  it('tells of a host that does not answer in the end, and takes nobody for one that needs a restart', async () => {
    const { hosts, fleet } = fleetOf('mg0', 'node1', 'node2')
    hosts.swarm.enrol('mg0', 'manager')
    hosts.swarm.enrol('node1', 'worker', { hostname: 'ubuntu' })
    hosts.swarm.enrol('node2', 'worker', { hostname: 'debian' })
    hosts.swarm.also = (name, line) =>
      name === 'node1' && line.startsWith('docker info') ? REFUSED : undefined
    const { answers, stale } = await rename(fleet, '*')
    expect(answers.map(({ host, ok }) => [host, ok])).toEqual([
      ['mg0', true],
      ['node1', false],
      ['node2', true],
    ])
    expect(stale.map(({ name }) => name)).toEqual(['node2'])
  })

  it('loses no answer where no manager is found, and takes nobody for one that needs a restart', async () => {
    const { hosts, fleet, notes } = fleetOf('mg0', 'node1')
    hosts.swarm.enrol('mg0', 'manager')
    hosts.swarm.enrol('node1', 'worker')
    hosts.call('node1', 'ubuntu')
    hosts.forgetful.add('node1')
    hosts.host('mg0').down = new HostError('unreachable', 'mg0', 'mg0: no route to host')
    const { answers, stale } = await rename(fleet, 'node1')
    expect(answers).toMatchObject([{ host: 'node1', ok: true, value: true }])
    expect(stale).toEqual([])
    expect(notes[0]).toMatch(/^whether the swarm uses the names is unknown: no manager of prod answers/)
  })

  it('does not outlast an interruption', async () => {
    const { hosts, fleet } = fleetOf('node1')
    hosts.call('node1', 'ubuntu')
    hosts.forgetful.add('node1')
    const signal = AbortSignal.timeout(50)
    const renaming = renameHosts({ ...fleet, signal }, ['node1'], { deadlineMs: 5000, everyMs: 5 })
    await expect(renaming).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})
