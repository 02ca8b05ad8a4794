import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { findManager } from '../../../src/operations/swarm/find-manager.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { FlyingClock } from '../../support/flying-clock.ts'

const refused = (name: string) => new HostError('refused', name, `${name}: connection refused`)

async function swarmOfThree() {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  swarm.enrol('node1', 'worker')
  const notes: string[] = []
  const driver = new FakeDriver().with('mg0', 'mg1', 'mg2', 'node1')
  const plain = fakeFleet(driver, name => swarm.host(name), { clock: new FlyingClock() })
  const fleet = { ...plain, progress: { ...plain.progress, note: (text: string) => void notes.push(text) } }
  await fleet.activeHost.set('mg0')
  const find = async (...except: string[]) =>
    (await findManager(fleet, await driver.list(), except)).machine.name
  return { swarm, driver, fleet, find, notes }
}

describe('findManager', () => {
  it('uses the active host, and asks no other', async () => {
    const { swarm, find, notes } = await swarmOfThree()
    expect(await find()).toBe('mg0')
    expect(swarm.host('mg1').lines).toEqual([])
    expect(notes).toEqual([])
  })

  it('uses another manager if the active host does not answer, and says so once', async () => {
    const { swarm, find, notes } = await swarmOfThree()
    swarm.host('mg0').down = refused('mg0')
    expect(await find()).toBe('mg1')
    expect(await find()).toBe('mg1')
    expect(notes).toEqual([
      'mg0 is not a working manager (connection refused); asking mg1 (belt active mg1 makes it the active host)',
    ])
  })

  it('uses another manager if the active host is a worker, or none is set', async () => {
    const { fleet, find } = await swarmOfThree()
    await fleet.activeHost.set('node1')
    expect(await find()).toBe('mg0')
    await fleet.activeHost.clear()
    expect(await find()).toBe('mg0')
  })

  it('never uses a manager that is about to be changed', async () => {
    const { find } = await swarmOfThree()
    expect(await find('mg0', 'mg1')).toBe('mg2')
  })

  it('distinguishes a lost quorum from managers that do not answer, and from no swarm', async () => {
    const { swarm, driver, find } = await swarmOfThree()
    swarm.leaderless = true
    await driver.shutdown((await driver.list()).slice(1, 3))
    await expect(find()).rejects.toMatchObject({
      code: 'quorum-lost',
      exitCode: 5,
      message: 'the swarm of prod has lost its quorum: 1 of 3 managers answer, and it needs 2',
    })
    swarm.host('mg0').down = refused('mg0')
    await expect(find()).rejects.toMatchObject({ code: 'no-manager', exitCode: 3 })
    const empty = new FakeSwarm()
    const fleet = fakeFleet(new FakeDriver().with('a'), name => empty.host(name))
    await expect(findManager(fleet, await fleet.driver.list())).rejects.toMatchObject({ code: 'no-swarm' })
  })

  it('waits for a leader while silent managers may be alive', async () => {
    const { swarm, fleet, find } = await swarmOfThree()
    swarm.leaderless = true
    for (const name of ['mg1', 'mg2']) swarm.host(name).down = refused(name)
    void fleet.clock.sleep(2500).then(() => {
      swarm.leaderless = false
    })
    expect(await find()).toBe('mg0')
  })

  it('waits for a leader while an excluded manager may know one', async () => {
    const { swarm, fleet, find } = await swarmOfThree()
    swarm.leaderless = true
    swarm.host('mg1').down = refused('mg1')
    void fleet.clock.sleep(2500).then(() => {
      swarm.leaderless = false
    })
    expect(await find('mg0')).toBe('mg2')
  })

  it('does not report silent managers as lost if no leader appears', async () => {
    const { swarm, find } = await swarmOfThree()
    swarm.leaderless = true
    for (const name of ['mg1', 'mg2']) swarm.host(name).down = refused(name)
    await expect(find()).rejects.toMatchObject({
      code: 'quorum-lost',
      exitCode: 5,
      message:
        'the swarm of prod has no leader: 1 of 3 managers could be asked and knows of none, and it needs 2',
    })
  })

  it('does not treat machines that are off as outside the swarm, and says how to start them', async () => {
    const swarm = new FakeSwarm()
    for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
    const driver = new FakeDriver().with('mg0', 'mg1', 'mg2', 'spare')
    const fleet = fakeFleet(driver, name => swarm.host(name))
    await driver.shutdown((await driver.list()).slice(0, 3))
    await expect(findManager(fleet, await driver.list())).rejects.toMatchObject({
      code: 'no-manager',
      exitCode: 3,
      message: 'no manager of prod answers (spare: inactive; mg0, mg1, mg2: switched off)',
      hint: expect.stringContaining("belt start 'mg[0:2]'"),
    })
  })

  it('says once what login users may not do, and how to allow it', async () => {
    const { swarm, find } = await swarmOfThree()
    for (const name of ['mg0', 'mg1', 'mg2', 'node1']) swarm.host(name).deny('engine')
    await expect(find()).rejects.toMatchObject({
      code: 'no-manager',
      exitCode: 3,
      message: expect.stringMatching(
        /answers \(.*node1: ops may not use the engine there: usermod -aG docker ops, or log in as root\)$/,
      ),
      hint: expect.stringContaining('sudo says there: sudo: a password is required'),
    })
  })

  it('does not report no-swarm if no machine can be asked', async () => {
    const { fleet } = await swarmOfThree()
    await expect(findManager(fleet, [])).rejects.toMatchObject({
      code: 'no-manager',
      message: 'no manager of prod is known: there is no machine to ask',
    })
  })

  it('does not report no-swarm if its only manager is excluded', async () => {
    const { fleet } = await swarmOfThree()
    const swarm = new FakeSwarm()
    swarm.enrol('mg0', 'manager')
    const asked = { ...fleet, host: ({ name }: { name: string }) => swarm.host(name) }
    const machines = await new FakeDriver().with('mg0', 'spare').list()
    await expect(findManager(asked, machines, ['mg0'])).rejects.toMatchObject({ code: 'no-manager' })
  })
})
