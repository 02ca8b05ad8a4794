import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { changeAvailability } from '../../../src/operations/swarm/availability.ts'
import { planRemoval, planUnreachableRemoval } from '../../../src/operations/swarm/remove.ts'
import { selectNodes } from '../../../src/operations/swarm/select-nodes.ts'
import type { Node } from '../../../src/remote/nodes.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'

const silent = (name: string) => new HostError('unreachable', name, `${name}: no route to host`)

/** Three managers, of which the host of mg1 is called `node1`; the machine of that name is in no swarm. */
async function swarmOfClones(change: Partial<Node> = {}) {
  const driver = new FakeDriver().with('mg0', 'mg1', 'mg2', 'node1')
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  swarm.enrol('mg1', 'manager', { hostname: 'node1', ...change })
  swarm.enrol('mg2', 'manager')
  const fleet = fakeFleet(driver, name => swarm.host(name))
  await fleet.activeHost.set('mg0')
  const addressOf = async (name: string) =>
    (await driver.list()).find(machine => machine.name === name)?.privateAddress ?? ''
  return { swarm, fleet, addressOf }
}

const notMember = { code: 'not-a-member', exitCode: 3, details: { outside: ['node1'] } }

describe('a machine named like the host of another machine', () => {
  it('is not matched to the node if the other host is that node', async () => {
    const { fleet } = await swarmOfClones()
    await expect(planRemoval(fleet, ['node1'])).rejects.toMatchObject(notMember)
  })

  it.each([
    ['the other host is that node', async () => {}],
    [
      'the node has the address of the other machine, which is also silent',
      async ({ swarm, addressOf }: Awaited<ReturnType<typeof swarmOfClones>>) => {
        swarm.change('id-mg1', { address: await addressOf('mg1'), state: 'down' })
        swarm.host('mg1').down = silent('mg1')
      },
    ],
  ])('is not matched to the node while it is silent and %s', async (_, also) => {
    const scene = await swarmOfClones()
    const { swarm, fleet } = scene
    await also(scene)
    swarm.host('node1').down = silent('node1')
    for (const open of [
      selectNodes(fleet, 'node1'),
      changeAvailability(fleet, ['node1'], 'pause'),
      planUnreachableRemoval(fleet, ['node1']),
    ])
      await expect(open).rejects.toMatchObject(notMember)
    expect(swarm.node('mg1')).toMatchObject({ availability: 'active', role: 'manager' })
  })

  it('is matched to the node with its address, whatever the host names', async () => {
    const { swarm, fleet, addressOf } = await swarmOfClones()
    swarm.enrol('node1', 'worker', { hostname: 'mg2', address: await addressOf('node1') })
    swarm.host('node1').down = silent('node1')
    expect((await selectNodes(fleet, 'node1')).members).toMatchObject([
      { name: 'node1', node: { id: 'id-node1' }, unreachable: { code: 'host-unreachable' } },
    ])
  })

  it('is matched to the node with its name if it is silent and no other machine is that node', async () => {
    const { swarm, fleet } = await swarmOfClones({ hostname: 'mg1' })
    swarm.enrol('node1', 'worker')
    swarm.host('node1').down = silent('node1')
    expect((await selectNodes(fleet, 'node1')).members).toMatchObject([{ node: { id: 'id-node1' } }])
  })
})
