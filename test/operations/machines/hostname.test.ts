import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import {
  assertRestartableIfRenamed,
  renameHosts,
  restartStale,
} from '../../../src/operations/machines/hostname.ts'
import { silentProgress } from '../../../src/progress.ts'
import { isMembershipRead } from '../../support/engine-answers.ts'
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
    hosts.swarm.also = (name, _, input) => {
      if (input.toString().startsWith('GET /nodes')) {
        lists += 1
        if (lists === 2) return REFUSED
        if (lists === 4) hosts.swarm.change(id, { hostname: 'node1' })
      }
      if (name === 'node1' && isMembershipRead(input)) {
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
    hosts.swarm.also = (name, _, input) => (name === 'node1' && isMembershipRead(input) ? REFUSED : undefined)
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
    expect(notes[0]).toMatch(/^cannot tell whether the swarm uses the new names: no manager of prod answers/)
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

describe('a restart that is asked for with the renaming', () => {
  /** node1 and node2 are called otherwise, and the engine of node1 would keep the old name. */
  function members() {
    const { hosts, fleet } = fleetOf('mg0', 'mg1', 'mg2', 'node1', 'node2')
    for (const name of ['mg0', 'mg1', 'mg2']) hosts.swarm.enrol(name, 'manager')
    for (const name of ['node1', 'node2']) {
      hosts.swarm.enrol(name, 'worker')
      hosts.call(name, 'ubuntu')
    }
    hosts.forgetful.add('node1')
    return { hosts, fleet }
  }

  it('is refused before a host is renamed whose engine would not start again', async () => {
    const { hosts, fleet } = members()
    hosts.swarm.liveRestore.add('node2')
    await expect(assertRestartableIfRenamed(fleet, ['*'])).rejects.toMatchObject({
      code: 'live-restore',
      exitCode: 3,
      message: expect.stringContaining('the engine of node2 has live-restore on'),
    })
    expect(hosts.names.get('node1')?.live).toBe('ubuntu')
  })

  it('is not refused for the sake of a host that has its name, or cannot be read', async () => {
    const { hosts, fleet } = members()
    hosts.swarm.liveRestore.add('mg1')
    hosts.host('node2').down = new HostError('unreachable', 'node2', 'no route')
    await expect(assertRestartableIfRenamed(fleet, ['*'])).resolves.toBeUndefined()
  })

  it('is refused for an engine that keeps a name from an earlier renaming', async () => {
    const { hosts, fleet } = members()
    hosts.names.set('node1', { live: 'node1', configured: 'node1', engine: 'ubuntu' })
    hosts.swarm.liveRestore.add('node1')
    await expect(assertRestartableIfRenamed(fleet, ['node1'])).rejects.toMatchObject({ code: 'live-restore' })
  })

  it('does not say that nothing was changed where it is refused after a renaming', async () => {
    const { hosts, fleet } = members()
    const renaming = await rename(fleet, '*')
    hosts.swarm.liveRestore.add('node1')
    await expect(restartStale(fleet, renaming)).rejects.toMatchObject({
      code: 'live-restore',
      exitCode: 4,
      message: expect.stringMatching(
        /^the engine of node1 has live-restore on.*\nrenamed before that: node1, node2$/s,
      ),
      hint: expect.stringContaining('"live-restore": false'),
    })
    expect(hosts.restarted).toEqual([])
  })

  it('says so where there was nothing to rename', async () => {
    const { hosts, fleet } = members()
    await rename(fleet, '*')
    hosts.swarm.liveRestore.add('node1')
    await expect(restartStale(fleet, await rename(fleet, '*'))).rejects.toMatchObject({ exitCode: 3 })
  })
})
