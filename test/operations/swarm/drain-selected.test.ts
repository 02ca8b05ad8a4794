import { describe, expect, it } from 'vitest'
import { drainSelected } from '../../../src/operations/swarm/drain-selected.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { FlyingClock } from '../../support/flying-clock.ts'

/** A service with one task on `node1`, and `node2` for it to move to. */
function swarmWithService() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  const node = swarm.enrol('node1', 'worker')
  swarm.enrol('node2', 'worker')
  swarm.services.run('web', [node.id])
  const driver = new FakeDriver().with('mg0', 'node1', 'node2')
  const fleet = fakeFleet(driver, name => swarm.host(name), { clock: new FlyingClock() })
  const seen: unknown[] = []
  const drain = (dryRun: boolean, ...nodes: string[]) =>
    drainSelected(fleet, { nodes, dryRun, deadlineMs: undefined }, ({ impacts }) =>
      seen.push(
        impacts.map(({ service }) => service),
        swarm.node('node1').availability,
      ),
    )
  return { swarm, seen, drain }
}

describe('drainSelected', () => {
  it('tells what happens to services before it drains', async () => {
    const { swarm, seen, drain } = swarmWithService()
    expect(await drain(false, 'node1')).toMatchObject({
      impacts: [{ service: 'web', kind: 'downtime' }],
      drained: [{ name: 'node1', previous: 'active', changed: true }],
    })
    expect(seen).toEqual([['web'], 'active'])
    expect(swarm.node('node1').availability).toBe('drain')
  })

  it('changes nothing in a dry run', async () => {
    const { swarm, seen, drain } = swarmWithService()
    expect(await drain(true, 'node1')).toMatchObject({ impacts: [{ service: 'web' }], drained: [] })
    expect(seen).toEqual([['web'], 'active'])
    expect(swarm.node('node1').availability).toBe('active')
  })

  it('tells which containers stay, because no service started them', async () => {
    const { swarm, seen, drain } = swarmWithService()
    swarm.containers.set('node2', [{ Id: 'c1', Names: ['/pg'], State: 'running' }])
    await drain(true, 'node2')
    expect(seen).toEqual([[], 'active'])
  })

  it('tells nothing where nothing happens to services', async () => {
    const { seen, drain } = swarmWithService()
    expect(await drain(false, 'node2')).toMatchObject({ impacts: [], drained: [{ name: 'node2' }] })
    expect(seen).toEqual([])
  })
})
