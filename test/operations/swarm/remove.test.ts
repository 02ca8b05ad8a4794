import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import {
  machinesOf,
  planRemoval,
  planUnreachableRemoval,
  removeNodes,
} from '../../../src/operations/swarm/remove.ts'
import { isMembershipRead } from '../../support/engine-answers.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { FlyingClock } from '../../support/flying-clock.ts'

const REFUSED = { stdout: 'HTTP/1.0 503 X\r\n\r\n{"message":"no leader"}' }
const lost = (name: string) => new HostError('unreachable', name, `${name}: no route to host`)

async function swarmOfSix() {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  for (const name of ['node1', 'node2', 'node3']) swarm.enrol(name, 'worker')
  const driver = new FakeDriver().with('mg0', 'mg1', 'mg2', 'node1', 'node2', 'node3', 'spare')
  const fleet = fakeFleet(driver, name => swarm.host(name), { clock: new FlyingClock() })
  await fleet.activeHost.set('mg0')
  const names = () => swarm.nodes().map(node => node.hostname)
  /** What was changed through a manager and on the host itself, in order. */
  const changes = (name: string) =>
    swarm.host(name).lines.filter(line => /docker (node (update|promote|demote|rm)|swarm leave)/.test(line))
  return { swarm, fleet, names, changes }
}

describe('removing nodes that answer', () => {
  it('drains, demotes, leaves and removes, in this order', async () => {
    const { swarm, fleet, names, changes } = await swarmOfSix()
    const removal = await planRemoval(fleet, ['mg1'])
    const answers = await removeNodes(fleet, removal)
    expect(answers.every(answer => answer.ok)).toBe(true)
    expect(changes('mg0')).toEqual([
      'docker node update --availability drain id-mg1',
      'docker node demote id-mg1',
      'docker node rm id-mg1',
    ])
    expect(changes('mg1')).toEqual(['docker swarm leave'])
    expect(names()).not.toContain('mg1')
    expect(swarm.node('mg0').availability).toBe('active')
    expect(machinesOf(removal, answers).map(machine => machine.name)).toEqual(['mg1'])
  })

  it('refuses to lose the quorum before it drains anything', async () => {
    const { swarm, fleet, changes } = await swarmOfSix()
    swarm.lose('mg2', lost('mg2'))
    await expect(planRemoval(fleet, ['mg1'])).rejects.toMatchObject({ exitCode: 5 })
    expect(changes('mg0')).toEqual([])
  })

  it('drains nothing if the login user of a manager may not become root', async () => {
    const { swarm, fleet, changes } = await swarmOfSix()
    swarm.host('mg1').deny('root')
    await expect(planRemoval(fleet, ['mg1'])).rejects.toMatchObject({ code: 'root-denied', exitCode: 3 })
    expect(changes('mg0')).toEqual([])
  })

  it('reports which nodes stay drained if it cannot continue after the drain', async () => {
    const { swarm, fleet } = await swarmOfSix()
    const removal = await planRemoval(fleet, ['node[1:2]'])
    let looks = 0
    swarm.also = (_name, _line, input) => {
      if (isMembershipRead(input)) looks += 1
      // The first is for the end of the drain.
      return looks > 1 ? { code: 1, stderr: 'Cannot connect to the Docker daemon' } : undefined
    }
    await expect(removeNodes(fleet, removal)).rejects.toMatchObject({
      code: 'no-manager',
      exitCode: 1,
      message: expect.stringMatching(/\nnode\[1:2\] stay drained$/),
    })
  })

  it('does not treat a node as gone if the managers refuse to answer', async () => {
    const { swarm, fleet, names } = await swarmOfSix()
    const removal = await planRemoval(fleet, ['node1'])
    let hasLeft = false
    swarm.also = (name, line, input) => {
      if (name === 'node1' && line.startsWith('docker swarm leave')) hasLeft = true
      return hasLeft && input.toString().startsWith('GET /nodes/') ? REFUSED : undefined
    }
    const answers = await removeNodes(fleet, removal)
    expect(answers).toMatchObject([{ host: 'node1', ok: false, error: { code: 'engine-refused' } }])
    expect(names()).toContain('node1')
  })

  it('counts a manager that left with force among those that are removed', async () => {
    const { swarm, fleet, changes } = await swarmOfSix()
    await swarm.host('mg2').run({ argv: ['docker', 'swarm', 'leave', '--force'] })
    swarm.change('id-mg2', { reachability: 'unreachable' })
    swarm.change('id-mg1', { reachability: 'unreachable' })
    await expect(planRemoval(fleet, ['mg2'])).rejects.toMatchObject({ code: 'quorum', exitCode: 5 })
    expect(changes('mg0')).toEqual([])
  })

  it('does not remove a node whose drain does not finish', async () => {
    const { swarm, fleet, names, changes } = await swarmOfSix()
    swarm.services.run('db', ['id-node1'])
    swarm.services.stuck.set('db', 'no suitable node')
    await expect(removeNodes(fleet, await planRemoval(fleet, ['node1']), 10)).rejects.toMatchObject({
      code: 'drain-incomplete',
    })
    expect(names()).toContain('node1')
    expect(changes('node1')).toEqual([])
  })

  it('continues an interrupted removal', async () => {
    const { swarm, fleet, names } = await swarmOfSix()
    await swarm.host('node1').run({ argv: ['docker', 'swarm', 'leave'] })
    expect(names()).toContain('node1')
    const answers = await removeNodes(fleet, await planRemoval(fleet, ['node1', 'node2']))
    expect(answers.map(answer => answer.ok)).toEqual([true, true])
    expect(names()).toEqual(['mg0', 'mg1', 'mg2', 'node3'])
  })

  it('refuses nodes that do not answer, and machines that are not nodes', async () => {
    const { swarm, fleet } = await swarmOfSix()
    swarm.lose('node1', lost('node1'))
    await expect(planRemoval(fleet, ['node1'])).rejects.toMatchObject({
      code: 'unreachable-nodes',
      exitCode: 3,
      hint: expect.stringContaining('--unreachable'),
    })
    await expect(planRemoval(fleet, ['spare'])).rejects.toMatchObject({ code: 'not-a-member' })
  })
})

describe('removing lost nodes', () => {
  it('removes a lost worker, and demotes a lost manager first', async () => {
    const { swarm, fleet, names, changes } = await swarmOfSix()
    swarm.lose('mg2', lost('mg2'))
    swarm.lose('node1', lost('node1'))
    await removeNodes(fleet, await planUnreachableRemoval(fleet, ['mg2', 'node1']))
    expect(names()).toEqual(['mg0', 'mg1', 'node2', 'node3'])
    expect(changes('mg0')).toEqual([
      'docker node demote id-mg2',
      expect.stringMatching(/^docker node rm id-/),
      expect.stringMatching(/^docker node rm id-/),
    ])
  })

  it('removes a manager without a demotion if a forced new cluster does not count it', async () => {
    const { swarm, fleet, names, changes } = await swarmOfSix()
    swarm.lose('mg2', lost('mg2'))
    swarm.change('id-mg2', { state: 'down', reachability: undefined })
    await removeNodes(fleet, await planUnreachableRemoval(fleet, ['mg2']))
    expect(names()).toEqual(['mg0', 'mg1', 'node1', 'node2', 'node3'])
    expect(changes('mg0')).toEqual([expect.stringMatching(/^docker node rm id-/)])
  })

  it('removes a node whose host answers but whose engine does not, without asking the engine', async () => {
    const { swarm, fleet, names, changes } = await swarmOfSix()
    swarm.deadEngines.add('node1')
    swarm.change('id-node1', { state: 'down' })
    await removeNodes(fleet, await planUnreachableRemoval(fleet, ['node1']))
    expect(names()).not.toContain('node1')
    expect(changes('node1')).toEqual([])
  })

  it('removes a ghost by its id, with no machine to destroy', async () => {
    const { swarm, fleet, names } = await swarmOfSix()
    swarm.enrol('old', 'worker', { state: 'down' })
    const removal = await planUnreachableRemoval(fleet, ['id-old'])
    const answers = await removeNodes(fleet, removal)
    expect(names()).not.toContain('old')
    expect(machinesOf(removal, answers)).toEqual([])
  })

  it.each(['node1', 'id-node1'])('refuses %s, which is alive', async word => {
    const { fleet, names } = await swarmOfSix()
    await expect(planUnreachableRemoval(fleet, [word])).rejects.toMatchObject({
      code: 'still-alive',
      exitCode: 3,
    })
    expect(names()).toContain('node1')
  })

  it('waits until the managers notice that a machine was switched off', async () => {
    const { swarm, fleet, names } = await swarmOfSix()
    swarm.host('node1').down = lost('node1')
    void fleet.clock.sleep(14_000).then(() => swarm.change('id-node1', { state: 'down' }))
    await removeNodes(fleet, await planUnreachableRemoval(fleet, ['node1']))
    expect(names()).not.toContain('node1')
  })

  it('does not say that a machine answers which only the managers reach', async () => {
    const { swarm, fleet, changes } = await swarmOfSix()
    swarm.host('node1').down = lost('node1')
    await expect(planUnreachableRemoval(fleet, ['node1'])).rejects.toMatchObject({
      code: 'still-alive',
      exitCode: 3,
      message: 'the managers still reach node1',
    })
    expect(changes('mg0')).toEqual([])
  })

  it('refuses a node whose state a new leader does not know yet', async () => {
    const { swarm, fleet, changes } = await swarmOfSix()
    swarm.host('node1').down = lost('node1')
    swarm.listsUntilKnown = Number.POSITIVE_INFINITY
    await expect(planUnreachableRemoval(fleet, ['node1'])).rejects.toMatchObject({
      code: 'unknown-nodes',
      exitCode: 3,
    })
    expect(changes('mg0')).toEqual([])
  })

  it('removes a node as soon as a new leader reports it as down', async () => {
    const { swarm, fleet, names } = await swarmOfSix()
    swarm.host('node1').down = lost('node1')
    swarm.change('id-node1', { state: 'unknown' })
    void fleet.clock.sleep(2500).then(() => swarm.change('id-node1', { state: 'down' }))
    await removeNodes(fleet, await planUnreachableRemoval(fleet, ['node1']))
    expect(names()).not.toContain('node1')
  })

  it('refuses a host that answers, even if the managers report it as down', async () => {
    const { swarm, fleet } = await swarmOfSix()
    swarm.change('id-node1', { state: 'down' })
    await expect(planUnreachableRemoval(fleet, ['node1'])).rejects.toMatchObject({ code: 'still-alive' })
  })
})
