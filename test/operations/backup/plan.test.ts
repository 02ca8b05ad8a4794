import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { planBackup } from '../../../src/operations/backup/plan.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'

async function swarmOf(...managers: string[]) {
  const swarm = new FakeSwarm()
  for (const name of managers) swarm.enrol(name, 'manager')
  swarm.enrol('node1', 'worker')
  const fleet = fakeFleet(new FakeDriver().with(...managers, 'node1'), name => swarm.host(name))
  await fleet.activeHost.set('mg1')
  return { swarm, fleet }
}

describe('the source of a backup', () => {
  it('is preferably neither the leader nor the manager that Belt talks to', async () => {
    const { fleet } = await swarmOf('mg0', 'mg1', 'mg2')
    const plan = await planBackup(fleet, false)
    expect(plan).toMatchObject({
      source: { machine: { name: 'mg2' } },
      witness: { machine: { name: 'mg1' } },
      tasks: 0,
      outage: false,
    })
  })

  it('is preferably a manager without tasks', async () => {
    const { swarm, fleet } = await swarmOf('mg0', 'mg1', 'mg2')
    swarm.services.run('web', ['id-mg2', 'id-mg2'])
    expect((await planBackup(fleet, false)).source.machine.name).toBe('mg1')
    swarm.services.run('db', ['id-mg1', 'id-mg1', 'id-mg1'])
    expect(await planBackup(fleet, false)).toMatchObject({ source: { machine: { name: 'mg2' } }, tasks: 2 })
  })

  it('is never a manager that the quorum needs, unless an outage is allowed', async () => {
    const { swarm, fleet } = await swarmOf('mg0', 'mg1', 'mg2')
    swarm.lose('mg2', new HostError('unreachable', 'mg2', 'mg2: no route to host'))
    await expect(planBackup(fleet, false)).rejects.toMatchObject({
      code: 'quorum',
      exitCode: 5,
      message: expect.stringContaining('2 of 3 managers answer'),
    })
    expect(await planBackup(fleet, true)).toMatchObject({
      source: { machine: { name: 'mg1' } },
      outage: true,
    })
  })

  it('is the leader only if an outage is allowed and Belt reaches no other manager', async () => {
    const { swarm, fleet } = await swarmOf('mg0', 'mg1', 'mg2')
    for (const name of ['mg1', 'mg2'])
      swarm.host(name).down = new HostError('refused', name, `${name}: connection refused`)
    await expect(planBackup(fleet, false)).rejects.toMatchObject({
      code: 'quorum',
      exitCode: 5,
      message: expect.stringContaining('mg0 leads, and Belt reaches no other manager'),
    })
    expect(await planBackup(fleet, true)).toMatchObject({
      source: { machine: { name: 'mg0' } },
      outage: true,
    })
  })

  it('is never a manager with live-restore, whose engine would not start again', async () => {
    const { swarm, fleet } = await swarmOf('mg0', 'mg1', 'mg2')
    swarm.liveRestore.add('mg2')
    await expect(planBackup(fleet, false)).rejects.toMatchObject({
      code: 'live-restore',
      exitCode: 3,
      hint: expect.stringContaining('"live-restore": false'),
    })
  })

  it('is never a manager whose login user may not become root', async () => {
    const { swarm, fleet } = await swarmOf('mg0', 'mg1', 'mg2')
    swarm.host('mg2').deny('root')
    await expect(planBackup(fleet, false)).rejects.toMatchObject({ code: 'root-denied', exitCode: 3 })
  })

  it('is a single manager only if an outage is allowed, and is then also the witness', async () => {
    const { fleet } = await swarmOf('mg0')
    await expect(planBackup(fleet, false)).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('mg0 is the only manager'),
      hint: expect.stringContaining('--allow-outage'),
    })
    const plan = await planBackup(fleet, true)
    expect(plan).toMatchObject({
      source: { machine: { name: 'mg0' } },
      witness: { machine: { name: 'mg0' } },
    })
  })
})
