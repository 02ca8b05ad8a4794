import { describe, expect, it } from 'vitest'
import { removeNode } from '../../src/steps/remove-node.ts'
import { perform } from '../../src/steps/step.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'
import { FlyingClock } from '../support/flying-clock.ts'

const REMOVE = 'docker node rm id-node1'

function swarmOfTwo() {
  const swarm = new FakeSwarm()
  const clock = new FlyingClock()
  swarm.enrol('mg0', 'manager')
  const node = swarm.enrol('node1', 'worker')
  const remove = () => removeNode(swarm.host('mg0'), node, { clock })
  return { swarm, clock, remove }
}

describe('removeNode', () => {
  it('waits until the managers report the node as down', async () => {
    const { swarm, clock, remove } = swarmOfTwo()
    void clock.sleep(15_000).then(() => swarm.change('id-node1', { state: 'down' }))
    expect(await perform(remove())).toBe(true)
    expect(swarm.nodes().map(({ hostname }) => hostname)).toEqual(['mg0'])
  })

  it('never removes a node that is alive', async () => {
    const { swarm, remove } = swarmOfTwo()
    await expect(perform(remove())).rejects.toMatchObject({
      code: 'not-removed',
      message: 'node1 was not removed: the managers report it as ready',
    })
    expect(swarm.host('mg0').lines).not.toContain(REMOVE)
  })

  it('has nothing to do if the node is not listed', async () => {
    const { swarm, remove } = swarmOfTwo()
    swarm.expel('node1')
    expect(await perform(remove())).toBe(false)
    expect(swarm.host('mg0').lines).not.toContain(REMOVE)
  })

  it('does not take a failed read for a node that is gone', async () => {
    const { swarm, remove } = swarmOfTwo()
    swarm.leaderless = true
    await expect(perform(remove())).rejects.toThrow('does not have a leader')
  })

  it('fails if the node is still listed afterwards', async () => {
    const { swarm, remove } = swarmOfTwo()
    swarm.change('id-node1', { state: 'down' })
    swarm.also = (_, line) => (line === REMOVE ? {} : undefined)
    await expect(perform(remove())).rejects.toMatchObject({
      message: 'node1 was not removed: it is still listed',
    })
  })
})
