import { describe, expect, it } from 'vitest'
import { readNode } from '../../src/queries/nodes.ts'
import { answer } from '../support/fake-services.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'

function swarmOfTwo() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  const node = swarm.enrol('node1', 'worker', { availability: 'drain', labels: { zone: 'a' } })
  return { swarm, node, manager: swarm.host('mg0') }
}

describe('readNode', () => {
  it('reads one node as the managers list it', async () => {
    const { node, manager } = swarmOfTwo()
    expect(await readNode(manager, node)).toMatchObject({
      id: node.id,
      hostname: 'node1',
      availability: 'drain',
      labels: { zone: 'a' },
    })
  })

  it('says of a node that was removed that it is none any more', async () => {
    const { swarm, node, manager } = swarmOfTwo()
    swarm.expel('node1')
    await expect(readNode(manager, node)).rejects.toMatchObject({ code: 'no-such-node', host: 'node1' })
  })

  it.each([
    ['has no leader', answer(503, { message: 'The swarm does not have a leader.' })],
    ['fails', answer(500, { message: 'rpc error: code = Unknown' })],
    ['gives no answer', { code: 1, stderr: 'Cannot connect to the Docker daemon\n' }],
  ])('never takes a node for absent where the swarm %s', async (_, reply) => {
    const { swarm, node, manager } = swarmOfTwo()
    swarm.also = () => reply
    await expect(readNode(manager, node)).rejects.toMatchObject({ code: 'engine-refused', host: 'mg0' })
  })
})
