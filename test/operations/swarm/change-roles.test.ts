import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { changeRoles } from '../../../src/operations/swarm/change-roles.ts'
import { selectNodes } from '../../../src/operations/swarm/select-nodes.ts'
import type { Node } from '../../../src/remote/nodes.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'

async function swarmOf(managers: number, workers = 3) {
  const swarm = new FakeSwarm()
  const names = [
    ...Array.from({ length: managers }, (_, index) => `mg${index}`),
    ...Array.from({ length: workers }, (_, index) => `node${index + 1}`),
  ]
  for (const name of names) swarm.enrol(name, name.startsWith('mg') ? 'manager' : 'worker')
  const notes: string[] = []
  const fleet = fakeFleet(new FakeDriver().with(...names), name => swarm.host(name))
  const noting = { ...fleet, progress: { ...fleet.progress, note: (text: string) => void notes.push(text) } }
  await fleet.activeHost.set('mg0')
  const change = async (nodes: string, role: Node['role']) =>
    changeRoles(noting, await selectNodes(noting, nodes), role)
  const managersNow = () =>
    swarm
      .nodes()
      .filter(node => node.reachability)
      .map(node => node.hostname)
  /** The changes of roles, with the manager that was asked, in order. */
  const asked = () =>
    names.flatMap(name =>
      swarm
        .host(name)
        .lines.filter(line => /node (promote|demote)/.test(line))
        .map(line => `${name}: ${line.split(' ').slice(2).join(' ')}`),
    )
  return { swarm, change, managersNow, asked, notes }
}

const lost = (name: string) => new HostError('unreachable', name, `${name}: no route to host`)

describe('changeRoles', () => {
  it('changes nothing if a login user may not become root, and names all such hosts', async () => {
    const { swarm, change, asked, managersNow } = await swarmOf(3)
    for (const name of ['mg1', 'mg2']) swarm.host(name).deny('root')
    await expect(change('mg[1:2]', 'worker')).rejects.toMatchObject({
      code: 'root-denied',
      exitCode: 3,
      message: 'mg1, mg2: ops may not become root (sudo -n): log in as root, or allow it',
      details: { hosts: ['mg1', 'mg2'] },
    })
    expect(asked()).toEqual([])
    expect(managersNow()).toEqual(['mg0', 'mg1', 'mg2'])
  })

  it('does not take a host that its user may not read for one that does not answer', async () => {
    const { swarm, change, asked } = await swarmOf(3)
    swarm.host('mg2').deny('engine')
    await expect(change('mg2', 'worker')).rejects.toMatchObject({ code: 'engine-denied', exitCode: 3 })
    expect(asked()).toEqual([])
  })

  it('promotes workers, and is safe to run again', async () => {
    const { change, managersNow, asked } = await swarmOf(1)
    expect((await change('node[1:2]', 'manager')).map(answer => answer.ok && answer.value)).toEqual([
      { role: 'manager', changed: true },
      { role: 'manager', changed: true },
    ])
    expect(managersNow()).toEqual(['mg0', 'node1', 'node2'])
    const before = asked().length
    expect((await change('node[1:2]', 'manager')).map(answer => answer.ok && answer.value.changed)).toEqual([
      false,
      false,
    ])
    expect(asked()).toHaveLength(before)
  })

  it('demotes the leader last, through another manager', async () => {
    const { swarm, change, asked } = await swarmOf(5)
    const answers = await change('mg[0:1]', 'worker')
    expect(answers.map(answer => answer.host)).toEqual(['mg1', 'mg0'])
    expect(asked()).toContain('mg2: demote id-mg0')
    expect(swarm.nodes().find(node => node.isLeader)?.hostname).toBe('mg2')
  })

  it('refuses a sequence before its first step if its last step would lose the quorum', async () => {
    const { change, managersNow } = await swarmOf(3)
    await expect(change('mg[0:2]', 'worker')).rejects.toMatchObject({
      exitCode: 5,
      message: 'refused: the last manager cannot be demoted: the swarm would be lost with it',
    })
    expect(managersNow()).toHaveLength(3)
  })

  it('refuses to demote one of the two managers left of three, with the numbers', async () => {
    const { swarm, change, managersNow } = await swarmOf(3)
    swarm.lose('mg2', lost('mg2'))
    await expect(change('mg1', 'worker')).rejects.toMatchObject({
      exitCode: 5,
      message:
        'refused: 2 of 3 managers answer; after the demotion, 1 of 2 would answer, and the swarm needs 2',
    })
    expect(managersNow()).toHaveLength(3)
  })

  it('demotes a manager that does not answer, after which another node can be promoted', async () => {
    const { swarm, change, managersNow } = await swarmOf(3)
    swarm.lose('mg2', lost('mg2'))
    await expect(change('node1', 'manager')).rejects.toMatchObject({ exitCode: 5 })
    expect((await change('mg2', 'worker'))[0]?.ok).toBe(true)
    expect((await change('node1', 'manager'))[0]?.ok).toBe(true)
    expect(managersNow()).toEqual(['mg0', 'mg1', 'node1'])
  })

  it('demotes a lost manager whose address another machine has now, which the leader calls reachable', async () => {
    const { swarm, change, managersNow } = await swarmOf(3)
    swarm.lose('mg2', lost('mg2'))
    swarm.change(swarm.node('mg2').id, { reachability: 'reachable' })
    expect(await change('mg2', 'worker')).toMatchObject([{ host: 'mg2', ok: true }])
    expect(managersNow()).toEqual(['mg0', 'mg1'])
  })

  it('warns of an even number of managers', async () => {
    const { change, notes } = await swarmOf(3)
    await change('node1', 'manager')
    expect(notes.join()).toContain('4 managers tolerate the loss of 1')
  })

  it('does not promote a node that is down or silent', async () => {
    const { swarm, change, managersNow } = await swarmOf(3)
    swarm.lose('node1', lost('node1'))
    const [answer] = await change('node1', 'manager')
    expect(answer).toMatchObject({ ok: false, error: { code: 'not-ready', exitCode: 3 } })
    expect(managersNow()).toHaveLength(3)
  })

  it('stops at the first node that fails', async () => {
    const { swarm, change } = await swarmOf(3)
    swarm.change('id-node1', { state: 'down' })
    expect((await change('node[1:2]', 'manager')).map(answer => !answer.ok && answer.error.code)).toEqual([
      'not-ready',
      'not-tried',
    ])
  })

  it('makes no manager of a node that advertises an address that it has no more', async () => {
    const { swarm, change, managersNow } = await swarmOf(3)
    swarm.set('node1', { movedTo: '192.168.9.9' })
    const [answer] = await change('node1', 'manager')
    expect(answer).toMatchObject({ ok: false, error: { code: 'wrong-address', exitCode: 3 } })
    expect(managersNow()).toHaveLength(3)
  })
})
