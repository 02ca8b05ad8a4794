import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { assertSwarmCanSpare, swarmImpact } from '../../../src/operations/machines/impact.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { FlyingClock } from '../../support/flying-clock.ts'

async function swarmOfFive() {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  for (const name of ['node1', 'node2']) swarm.enrol(name, 'worker')
  const driver = new FakeDriver().with('mg0', 'mg1', 'mg2', 'node1', 'node2')
  const fleet = fakeFleet(driver, name => swarm.host(name), { clock: new FlyingClock() })
  await fleet.activeHost.set('mg0')
  const all = await driver.list()
  const going = (...names: string[]) => all.filter(machine => names.includes(machine.name))
  return { swarm, fleet, all, going }
}

describe('swarmImpact', () => {
  it('names the managers and workers that would be lost', async () => {
    const { fleet, all, going } = await swarmOfFive()
    expect(await swarmImpact(fleet, all, going('mg2', 'node1'), false)).toEqual({
      kind: 'known',
      managers: ['mg2'],
      workers: ['node1'],
    })
  })

  it('refuses the loss of the quorum, and says why in numbers', async () => {
    const { fleet, all, going } = await swarmOfFive()
    await expect(swarmImpact(fleet, all, going('mg1', 'mg2'), false)).rejects.toMatchObject({
      exitCode: 5,
      message: 'refused: 3 of 3 managers answer, 2 of them would go, and the swarm needs 2',
    })
  })

  it('lets the whole cluster go', async () => {
    const { fleet, all } = await swarmOfFive()
    expect(await swarmImpact(fleet, all, all, false)).toEqual({ kind: 'none' })
  })

  it('refuses the loss of the quorum where no host was ever made active, as in a new working copy', async () => {
    const { fleet, all, going } = await swarmOfFive()
    await fleet.activeHost.clear()
    await expect(swarmImpact(fleet, all, going('mg1', 'mg2'), false)).rejects.toMatchObject({ exitCode: 5 })
  })

  it('is none where every machine says that it is in no swarm', async () => {
    const swarm = new FakeSwarm()
    const driver = new FakeDriver().with('mg0', 'mg1')
    const all = await driver.list()
    expect(
      await swarmImpact(
        fakeFleet(driver, name => swarm.host(name)),
        all,
        all.slice(1),
        false,
      ),
    ).toEqual({
      kind: 'none',
    })
  })

  it('is not none while a machine that is off could be in a swarm', async () => {
    const swarm = new FakeSwarm()
    const driver = new FakeDriver().with('mg0', 'mg1', 'mg2')
    await driver.shutdown((await driver.list()).slice(0, 1))
    const all = await driver.list()
    const fleet = fakeFleet(driver, name => swarm.host(name))
    swarm.host('mg0').down = new HostError('unreachable', 'mg0', 'mg0 is switched off')
    expect((await swarmImpact(fleet, all, all.slice(1, 2), false)).kind).toBe('unknown')
    await expect(swarmImpact(fleet, all, all.slice(0, 1), false)).rejects.toMatchObject({
      code: 'unknown-managers',
    })
  })

  it('asks another manager when the active host does not answer', async () => {
    const { swarm, fleet, all, going } = await swarmOfFive()
    swarm.host('mg0').down = new HostError('refused', 'mg0', 'mg0: connection refused')
    expect(await swarmImpact(fleet, all, going('node1'), false)).toMatchObject({
      kind: 'known',
      workers: ['node1'],
    })
  })

  it('refuses machines that may be managers while the swarm cannot be asked, unless it is said to be lost', async () => {
    const { swarm, fleet, all, going } = await swarmOfFive()
    for (const { name } of all) swarm.host(name).down = new HostError('refused', name, 'connection refused')
    await expect(swarmImpact(fleet, all, going('mg1', 'node1'), false)).rejects.toMatchObject({
      code: 'unknown-managers',
      exitCode: 3,
      message: expect.stringMatching(
        /^refused: the swarm may need mg1, node1, .* no manager of prod answers \([^)]*: connection refused/,
      ),
      hint: expect.stringContaining('--swarm-lost'),
    })
    expect(await swarmImpact(fleet, all, going('mg1', 'node1'), true)).toMatchObject({ kind: 'unknown' })
    expect(await swarmImpact(fleet, all, all, false)).toEqual({ kind: 'none' })
  })

  it('lets workers go that say so themselves, though the swarm cannot be asked', async () => {
    const { swarm, fleet, all, going } = await swarmOfFive()
    for (const name of ['mg0', 'mg1', 'mg2'])
      swarm.host(name).down = new HostError('refused', name, 'connection refused')
    expect(await swarmImpact(fleet, all, going('node1'), false)).toMatchObject({ kind: 'unknown' })
    await expect(swarmImpact(fleet, all, going('mg1', 'node1'), false)).rejects.toMatchObject({
      message: expect.stringMatching(/^refused: the swarm may need mg1,/),
    })
  })
})

describe('assertSwarmCanSpare', () => {
  it('refuses what the swarm cannot do without for a while', async () => {
    const { fleet, going } = await swarmOfFive()
    await expect(assertSwarmCanSpare(fleet, going('mg1', 'mg2'), false)).rejects.toMatchObject({
      exitCode: 5,
    })
    await assertSwarmCanSpare(fleet, going('mg1', 'node1'), false)
  })

  it('refuses managers while none of them tells how the swarm is, as in an election', async () => {
    const { swarm, fleet, going } = await swarmOfFive()
    const refused = (name: string) => new HostError('refused', name, 'connection refused')
    swarm.lose('mg1', refused('mg1'))
    swarm.lose('mg2', refused('mg2'))
    swarm.leaderless = true
    await expect(assertSwarmCanSpare(fleet, going('mg0', 'node1'), false)).rejects.toMatchObject({
      code: 'unknown-managers',
      message: expect.stringMatching(/^refused: the swarm may need mg0,/),
    })
  })

  it('has nothing against machines that are off, or against all of them', async () => {
    const { swarm, fleet, going } = await swarmOfFive()
    for (const name of ['mg0', 'mg1', 'mg2'])
      swarm.host(name).down = new HostError('refused', name, 'connection refused')
    await fleet.driver.shutdown?.(going('mg0', 'mg1', 'mg2'))
    const off = (await fleet.driver.list()).filter(({ status }) => status === 'off')
    expect(off).toHaveLength(3)
    await assertSwarmCanSpare(fleet, off, false)
    await assertSwarmCanSpare(fleet, await fleet.driver.list(), false)
  })
})
