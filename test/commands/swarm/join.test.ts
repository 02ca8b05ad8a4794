import { describe, expect, it } from 'vitest'
import SwarmJoin from '../../../src/commands/swarm/join.ts'
import { withLock } from '../../../src/operations/lock.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet, fakeLock } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { commandsOn } from '../../support/run-command.ts'

/** A swarm of one manager, and two machines outside it. */
async function cluster() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  const fleet = fakeFleet(new FakeDriver('prod').with('mg0', 'node1', 'node2'), name => swarm.host(name))
  const nodes = () => swarm.nodes().map(({ hostname, role }) => `${hostname}: ${role}`)
  return { swarm, fleet, nodes, ...(await commandsOn(fleet)) }
}

describe('belt swarm join', () => {
  it('joins workers, and says so as docker does', async () => {
    const { nodes, printed, run } = await cluster()
    expect(await run(SwarmJoin, 'mg0', 'node[1:2]')).toEqual({
      result: ['node1', 'node2'].map(name => ({ name, role: 'worker', joined: true, timedOut: false })),
      exitCode: 0,
    })
    expect(printed()).toContain('node1: This node joined a swarm as a worker.\n')
    expect(nodes()).toEqual(['mg0: manager', 'node1: worker', 'node2: worker'])
  })

  it('joins managers with --manager', async () => {
    const { nodes, run } = await cluster()
    await run(SwarmJoin, '--manager', 'mg0', 'node1')
    expect(nodes()).toEqual(['mg0: manager', 'node1: manager'])
  })

  it('skips nodes that belong to the swarm already', async () => {
    const { printed, run } = await cluster()
    await run(SwarmJoin, 'mg0', 'node1')
    expect((await run(SwarmJoin, 'mg0', 'node1')).exitCode).toBe(0)
    expect(printed()).toContain('node1: This node belongs to this swarm as a worker already.\n')
  })

  it('exits with 4 if some machines failed, and with the code of the failure if all did', async () => {
    const { swarm, run } = await cluster()
    swarm.faults.set('node2', { refusal: 'no route to host' })
    const { result, exitCode } = await run(SwarmJoin, 'mg0', 'node[1:2]')
    expect(result).toMatchObject([
      { name: 'node1', joined: true },
      { name: 'node2', joined: false },
    ])
    expect(exitCode).toBe(4)
    expect((await run(SwarmJoin, 'mg0', '@failed')).exitCode).toBe(1)
  })

  it('refuses several managers to join through', async () => {
    const { nodes, run } = await cluster()
    await expect(run(SwarmJoin, 'node[1:2]', 'mg0')).rejects.toMatchObject({
      code: 'one-manager',
      exitCode: 2,
    })
    expect(nodes()).toEqual(['mg0: manager'])
  })

  it('refuses to guess which machines join', async () => {
    const { run } = await cluster()
    await expect(run(SwarmJoin, 'mg0')).rejects.toMatchObject({ oclif: { exit: 2 } })
  })

  it('joins nothing while somebody else holds the lock', async () => {
    const { fleet, nodes, run } = await cluster()
    const bob = { ...fleet, lock: fakeLock('bob@desk') }
    await withLock(bob, 'belt upgrade managers', async () => {
      await expect(run(SwarmJoin, 'mg0', 'node1')).rejects.toMatchObject({ code: 'locked', exitCode: 6 })
    })
    expect(nodes()).toEqual(['mg0: manager'])
  })
})
