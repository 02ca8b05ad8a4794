import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { leaveNodes, planDeparture } from '../../../src/operations/swarm/leave.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'

async function swarmOfFour() {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1']) swarm.enrol(name, 'manager')
  for (const name of ['node1', 'node2']) swarm.enrol(name, 'worker')
  const driver = new FakeDriver().with('mg0', 'mg1', 'node1', 'node2')
  const fleet = fakeFleet(driver, name => swarm.host(name))
  const plan = async (force: boolean, ...names: string[]) =>
    planDeparture(
      fleet,
      (await driver.list()).filter(({ name }) => names.includes(name)),
      force,
    )
  const left = () =>
    ['mg0', 'mg1', 'node1', 'node2'].filter(name =>
      swarm.host(name).lines.some(line => line.startsWith('docker swarm leave')),
    )
  return { swarm, fleet, plan, left }
}

describe('leaving', () => {
  it('lets workers leave, and is safe to run again', async () => {
    const { fleet, plan, left } = await swarmOfFour()
    expect(await leaveNodes(fleet, await plan(false, 'node1'))).toMatchObject([{ ok: true, value: true }])
    expect(await leaveNodes(fleet, await plan(false, 'node1'))).toMatchObject([{ ok: true, value: false }])
    expect(left()).toEqual(['node1'])
  })

  it('refuses to let a manager leave without force', async () => {
    const { plan } = await swarmOfFour()
    await expect(plan(false, 'node1', 'mg1')).rejects.toMatchObject({ code: 'still-a-manager', exitCode: 5 })
  })

  it('refuses to let a manager leave others behind, even with force', async () => {
    const { plan } = await swarmOfFour()
    await expect(plan(true, 'mg1', 'node1')).rejects.toMatchObject({
      exitCode: 5,
      message: 'refused: 1 other managers of the swarm would be left behind',
    })
  })

  it('lets a manager leave with force after it was removed from the swarm and came back', async () => {
    const { swarm, fleet, plan, left } = await swarmOfFour()
    swarm.expel('mg1')
    await leaveNodes(fleet, await plan(true, 'mg1'))
    expect(left()).toEqual(['mg1'])
  })

  it("refuses to let a manager of another swarm leave that swarm's managers behind", async () => {
    const { swarm, plan } = await swarmOfFour()
    swarm.expel('mg1')
    swarm.set('mg1', { clusterId: 'cluster-two' })
    await expect(plan(true, 'mg1')).rejects.toMatchObject({ exitCode: 5 })
  })

  it('ends a swarm if all its managers are selected, with the workers leaving first', async () => {
    const { fleet, plan, left } = await swarmOfFour()
    const answers = await leaveNodes(fleet, await plan(true, 'mg0', 'mg1', 'node1', 'node2'))
    expect(answers.map(answer => answer.host)).toEqual(['node1', 'node2', 'mg0', 'mg1'])
    expect(left()).toHaveLength(4)
  })

  it('does not ask an unreadable host to leave, because it may be a manager, and reports why', async () => {
    const { swarm, fleet, plan, left } = await swarmOfFour()
    swarm.host('mg1').down = new HostError('timeout', 'mg1', 'mg1 gave no answer')
    const departure = await plan(false, 'mg1', 'node1')
    swarm.host('mg1').down = undefined
    expect(await leaveNodes(fleet, departure)).toMatchObject([
      { host: 'node1', ok: true },
      { host: 'mg1', ok: false, error: { code: 'host-timeout' } },
    ])
    expect(left()).toEqual(['node1'])
  })

  it('does not end a swarm if one of its managers cannot be read', async () => {
    const { swarm, plan } = await swarmOfFour()
    swarm.host('mg1').down = new HostError('timeout', 'mg1', 'mg1 gave no answer')
    await expect(plan(true, 'mg0', 'mg1', 'node1')).rejects.toMatchObject({ code: 'quorum', exitCode: 5 })
  })
})
