import { describe, expect, it } from 'vitest'
import type { Upgrade } from '../../../src/domain/upgrade/upgrade.ts'
import { HostError } from '../../../src/hosts/errors.ts'
import { planUpgrade } from '../../../src/operations/upgrade/plan.ts'
import { beginUpgrade } from '../../../src/operations/upgrade/run.ts'
import { FakeSite } from '../../support/fake-site.ts'

const PACKAGE = '5:23.0.1-1~debian.12~bookworm'

function plan(site: FakeSite, words: string[], upgrade: Upgrade, role: 'manager' | 'worker' = 'worker') {
  const options = { allowOutage: true, allowDowntime: false, maxUnavailable: '1' }
  return planUpgrade(site.fleet(), { role, words, upgrade, options, anyVersion: false })
}

const MAINTAIN: Upgrade = { kind: 'command', line: 'maintain' }

describe('the login users of hosts', () => {
  it('must be able to become root on managers, before anything is changed', async () => {
    const site = new FakeSite(3, 1)
    for (const name of ['mg0', 'mg1']) site.host(name).deny('root')
    await expect(plan(site, [], MAINTAIN, 'manager')).rejects.toMatchObject({
      code: 'root-denied',
      exitCode: 3,
      message: 'mg0, mg1: ops may not become root (sudo -n): log in as root, or allow it',
    })
  })

  it('need no root for a command on workers, and need it to reboot them', async () => {
    const site = new FakeSite(3, 1)
    site.host('node1').deny('root')
    await expect(plan(site, ['node1'], MAINTAIN)).resolves.toMatchObject({ contexts: [{ name: 'node1' }] })
    await expect(plan(site, ['node1'], { kind: 'reboot' })).rejects.toMatchObject({ code: 'root-denied' })
  })
})

describe('the clocks of hosts', () => {
  it('are compared with the clocks of the managers, even for a single node', async () => {
    const site = new FakeSite(3, 1)
    site.site('node1').skewMs = 600_000
    await expect(plan(site, ['node1'], MAINTAIN)).rejects.toMatchObject({
      code: 'clock-skew',
      exitCode: 3,
      message: expect.stringMatching(/^the clocks differ: node1 by (599|600) s$/),
    })
  })

  it('may be as wrong as those of the managers: our own clock is no reference', async () => {
    const site = new FakeSite(3, 1)
    for (const name of ['mg0', 'mg1', 'mg2', 'node1']) site.site(name).skewMs = 600_000
    await expect(plan(site, ['node1'], MAINTAIN)).resolves.toMatchObject({ contexts: [{ name: 'node1' }] })
  })

  it('of a single node have nothing to disagree with', async () => {
    const site = new FakeSite(1, 0)
    site.site('mg0').skewMs = -600_000
    await expect(plan(site, ['mg0'], MAINTAIN, 'manager')).resolves.toMatchObject({
      contexts: [{ name: 'mg0' }],
    })
  })
})

describe('the swarm before an upgrade', () => {
  it('is read once a new leader knows the nodes, because they must be as healthy afterwards', async () => {
    const site = new FakeSite(3, 1)
    site.swarm.listsUntilKnown = 2
    const { before } = await plan(site, ['node1'], MAINTAIN)
    expect(before.nodes.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready', 'ready'])
  })
})

describe('an upgrade of the engine', () => {
  it('installs a version of the package only once', async () => {
    const site = new FakeSite(1, 1)
    const engine: Upgrade = { kind: 'engine', version: PACKAGE }
    const first = await beginUpgrade(site.fleet(), await plan(site, ['node1'], engine), {})
    expect(first).toMatchObject({ upgraded: ['node1'], failures: [] })
    expect(await plan(site, ['node1'], engine)).toMatchObject({
      untouched: ['node1'],
      contexts: [],
      unheld: [],
    })
    expect(site.acts).toEqual(['node1 install'])
  })

  it('only holds an engine that has the version, without taking the node out', async () => {
    const site = new FakeSite(1, 1)
    const engine: Upgrade = { kind: 'engine', version: '20.10.24' }
    const planned = await plan(site, ['node1'], engine)
    expect(planned).toMatchObject({ unheld: [{ name: 'node1' }], contexts: [] })
    const told: string[] = []
    const options = { onUpgraded: (name: string) => void told.push(name) }
    expect(await beginUpgrade(site.fleet(), planned, options)).toMatchObject({
      upgraded: ['node1'],
      left: [],
    })
    expect(told).toEqual(['node1'])
    expect(site.acts).toEqual(['node1 hold'])
    expect(await plan(site, ['node1'], engine)).toMatchObject({
      untouched: ['node1'],
      contexts: [],
      unheld: [],
    })
  })
})

describe('all nodes of a role', () => {
  const silent = new HostError('unreachable', 'node2', 'node2: no route to host')

  it('include no silent machine without saying so: it may be one of them', async () => {
    const site = new FakeSite(1, 2)
    site.down('node2')
    site.swarm.change('id-node2', { hostname: 'web-7' })
    await expect(plan(site, [], MAINTAIN)).rejects.toMatchObject({
      code: 'unknown-nodes',
      exitCode: 3,
      message: 'node2 cannot be reached and may be web-7: node2: no route to host',
    })
  })

  it('may be on a machine whose engine is down', async () => {
    const site = new FakeSite(1, 2)
    site.swarm.deadEngines.add('node2')
    site.swarm.change('id-node2', { hostname: 'web-7' })
    await expect(plan(site, [], MAINTAIN)).rejects.toMatchObject({ code: 'unknown-nodes', exitCode: 3 })
  })

  it('can be upgraded while a machine outside the swarm is silent', async () => {
    const site = new FakeSite(1, 1)
    site.driver.with('node2')
    site.host('node2').down = silent
    await expect(plan(site, [], MAINTAIN)).resolves.toMatchObject({ contexts: [{ name: 'node1' }] })
  })
})

describe('a job on a node to upgrade', () => {
  const withJob = () => {
    const site = new FakeSite(3, 1)
    site.swarm.services.run('backup', ['id-node1'], { mode: 'job' })
    return site
  }

  it('refuses the upgrade, because a drain does not stop it', async () => {
    await expect(plan(withJob(), ['node1'], MAINTAIN)).rejects.toMatchObject({
      code: 'no-room',
      exitCode: 3,
      message: 'backup is a job: a drain does not stop its task; it ends when that has',
      hint: expect.stringContaining('--allow-downtime'),
    })
  })

  it('is named in the plan if it may be interrupted', async () => {
    const options = { allowOutage: true, allowDowntime: true, maxUnavailable: '1' }
    const request = {
      role: 'worker',
      words: ['node1'],
      upgrade: MAINTAIN,
      options,
      anyVersion: false,
    } as const
    const { impacts } = await planUpgrade(withJob().fleet(), request)
    expect(impacts.map(({ service, kind }) => `${service} ${kind}`)).toEqual(['backup job'])
  })
})
