import { describe, expect, it } from 'vitest'
import SwarmRemove from '../../../src/commands/swarm/remove.ts'
import { HostError } from '../../../src/hosts/errors.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { commandsOn } from '../../support/run-command.ts'

/** Three managers and two workers. */
async function cluster() {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  for (const name of ['node1', 'node2']) swarm.enrol(name, 'worker')
  const driver = new FakeDriver('prod').with('mg0', 'mg1', 'mg2', 'node1', 'node2')
  const fleet = fakeFleet(driver, name => swarm.host(name))
  const nodes = () => swarm.nodes().map(({ hostname }) => hostname)
  const machines = async () => (await driver.list()).map(({ name }) => name)
  return { swarm, nodes, machines, ...(await commandsOn(fleet)) }
}

const ALL = ['mg0', 'mg1', 'mg2', 'node1', 'node2']

describe('belt swarm remove', () => {
  it('asks, removes the nodes and leaves their machines', async () => {
    const { questions, nodes, machines, printed, runAnswering } = await cluster()
    expect(await runAnswering(true, SwarmRemove, 'node[1:2]')).toEqual({
      result: { removed: ['node1', 'node2'], destroyed: [], failed: [] },
      exitCode: 0,
    })
    expect(questions).toEqual(['Remove node[1:2] from the swarm of prod?'])
    expect(printed()).toBe('node1: removed\nnode2: removed\n')
    expect(nodes()).toEqual(['mg0', 'mg1', 'mg2'])
    expect(await machines()).toEqual(ALL)
  })

  it('changes nothing if the answer is no', async () => {
    const { swarm, nodes, machines, runAnswering } = await cluster()
    await expect(runAnswering(false, SwarmRemove, 'node1', '--destroy')).rejects.toMatchObject({
      code: 'cancelled',
      exitCode: 130,
    })
    expect(nodes()).toEqual(ALL)
    expect(swarm.node('node1').availability).toBe('active')
    expect(await machines()).toEqual(ALL)
  })

  it('destroys the machines with --destroy, and says so in the question', async () => {
    const { questions, machines, printed, runAnswering } = await cluster()
    const { result } = await runAnswering(true, SwarmRemove, 'node2', '--destroy')
    expect(questions).toEqual(['Remove node2 from the swarm of prod, and destroy its machine?'])
    expect(result).toEqual({ removed: ['node2'], destroyed: ['node2'], failed: [] })
    expect(printed()).toBe('node2: removed and destroyed\n')
    expect(await machines()).toEqual(['mg0', 'mg1', 'mg2', 'node1'])
  })

  it('gives up nodes that are lost, in other words', async () => {
    const { swarm, questions, nodes, runAnswering } = await cluster()
    swarm.lose('node2', new HostError('unreachable', 'node2', 'no route to host'))
    await runAnswering(true, SwarmRemove, '--unreachable', 'node2')
    expect(questions).toEqual(['Remove the lost node node2 from the swarm of prod?'])
    expect(nodes()).not.toContain('node2')
  })

  it('keeps the machine of a node that could not be removed, and exits with 4', async () => {
    const { swarm, machines, run } = await cluster()
    swarm.also = (name, line) =>
      name === 'node2' && line.includes('swarm leave') ? { code: 1, stderr: 'engine is busy' } : undefined
    expect(await run(SwarmRemove, 'node[1:2]', '--destroy', '--yes')).toEqual({
      result: { removed: ['node1'], destroyed: ['node1'], failed: ['node2'] },
      exitCode: 4,
    })
    expect(await machines()).toEqual(['mg0', 'mg1', 'mg2', 'node2'])
  })

  it('refuses to take the quorum away, without a question', async () => {
    const { swarm, questions, nodes, runAnswering } = await cluster()
    swarm.lose('mg2', new HostError('unreachable', 'mg2', 'no route to host'))
    await expect(runAnswering(true, SwarmRemove, 'mg1')).rejects.toMatchObject({ exitCode: 5 })
    expect(questions).toEqual([])
    expect(nodes()).toEqual(ALL)
  })

  it('refuses to guess which nodes are meant', async () => {
    const { run } = await cluster()
    await expect(run(SwarmRemove, '--destroy')).rejects.toMatchObject({
      code: 'missing-argument',
      exitCode: 2,
    })
  })
})
