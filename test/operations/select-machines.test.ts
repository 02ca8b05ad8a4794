import { describe, expect, it } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import { selectMachines, selectTargets } from '../../src/operations/select-machines.ts'
import type { Progress } from '../../src/progress.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet, remembered } from '../support/fake-fleet.ts'
import { answer } from '../support/fake-services.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'

/** Two managers, of which mg0 leads, two workers, and a machine outside the swarm. */
async function fleetOfFive() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  swarm.enrol('mg1', 'manager', { availability: 'drain' })
  swarm.enrol('node1', 'worker', { labels: { zone: 'a' } })
  swarm.enrol('node2', 'worker')
  swarm.host('spare')
  const driver = new FakeDriver().with('mg0', 'mg1', 'node1', 'node2', 'spare')
  const notes: string[] = []
  const progress: Progress = {
    start: () => ({ step() {}, update() {}, done() {}, fail() {} }),
    note: text => void notes.push(text),
  }
  const fleet = fakeFleet(driver, name => swarm.host(name), { progress })
  await fleet.activeHost.set('mg0')
  const select = async (expression: string) =>
    (await selectMachines(fleet, expression)).map(({ name }) => name)
  return { swarm, driver, fleet, notes, select }
}

describe('selectMachines', () => {
  it.each([
    ['role=worker', ['node1', 'node2']],
    ['@managers', ['mg0', 'mg1']],
    ['leader', ['mg0']],
    ['role=worker&label=zone:a', ['node1']],
    ['availability=drain', ['mg1']],
    ['!role=manager', ['node1', 'node2', 'spare']],
  ])('asks a manager for %s', async (expression, names) => {
    expect(await (await fleetOfFive()).select(expression)).toEqual(names)
  })

  it('asks the managers which nodes are down', async () => {
    const { swarm, select } = await fleetOfFive()
    swarm.lose('node2', new HostError('unreachable', 'node2', 'node2 is silent'))
    expect(await select('state=down')).toEqual(['node2'])
  })

  it('asks the driver which machines are off, and no host', async () => {
    const { swarm, driver, select } = await fleetOfFive()
    await driver.shutdown(await driver.list().then(all => all.filter(({ name }) => name === 'spare')))
    expect(await select('status=off')).toEqual(['spare'])
    expect(swarm.host('mg0').lines).toEqual([])
  })

  it.each(['role=worker', '!state=down', '@workers', 'leader'])(
    'throws for %s when no manager answers, and selects nothing',
    async expression => {
      const { swarm, select } = await fleetOfFive()
      for (const name of ['mg0', 'mg1'])
        swarm.host(name).down = new HostError('refused', name, `${name} refuses`)
      await expect(select(expression)).rejects.toMatchObject({ code: 'no-manager', exitCode: 3 })
    },
  )

  it('throws when the nodes cannot be listed', async () => {
    const { swarm, select } = await fleetOfFive()
    swarm.also = (_, line) =>
      line === 'docker system dial-stdio # GET /nodes' ? answer(500, { message: 'rpc error' }) : undefined
    await expect(select('role=worker')).rejects.toMatchObject({
      code: 'engine-refused',
      message: 'mg0: rpc error',
    })
  })

  it('takes two nodes of one name that are alike for one', async () => {
    const { swarm, select } = await fleetOfFive()
    swarm.lose('node1', new HostError('unreachable', 'node1', 'node1 is silent'))
    swarm.enrol('ghost', 'worker', { hostname: 'node1', state: 'down', labels: { zone: 'b' } })
    expect(await select('state=down')).toEqual(['node1'])
    await expect(select('label=zone')).rejects.toMatchObject({ code: 'no-match' })
  })

  it('throws when a machine may be one of two nodes that differ', async () => {
    const { swarm, select } = await fleetOfFive()
    swarm.enrol('ghost', 'manager', { hostname: 'node1', state: 'down' })
    await expect(select('role=worker')).rejects.toMatchObject({
      code: 'unknown-node',
      exitCode: 3,
      message: expect.stringContaining('id-node1 (worker, ready), id-ghost (manager, down)'),
    })
  })

  it('throws for @failed when no run is remembered', async () => {
    await expect((await fleetOfFive()).select('@failed')).rejects.toMatchObject({
      code: 'no-last-run',
      exitCode: 2,
    })
  })
})

describe('selectTargets', () => {
  it('is nobody, and says so, when no host failed in the last run', async () => {
    const { fleet, notes } = await fleetOfFive()
    await fleet.lastFailures.set([])
    expect(await selectTargets(fleet, '@failed')).toEqual({ machines: [], again: true })
    expect(notes).toEqual(['no host failed in the last run: there is nothing to do'])
  })

  it('is those that failed, and throws for any other selection of nobody', async () => {
    const { fleet } = await fleetOfFive()
    const failing = { ...fleet, lastFailures: remembered<readonly string[]>(['node2', 'mg1']) }
    const { machines, again } = await selectTargets(failing, '@failed')
    expect({ names: machines.map(({ name }) => name), again }).toEqual({
      names: ['mg1', 'node2'],
      again: true,
    })
    await expect(selectTargets(failing, 'tmp*')).rejects.toMatchObject({ code: 'no-match' })
  })

  it('is the active host when nothing is named', async () => {
    const { fleet } = await fleetOfFive()
    await fleet.activeHost.set('mg1')
    expect(await selectTargets(fleet, undefined)).toMatchObject({ machines: [{ name: 'mg1' }], again: false })
  })

  it('throws when nothing is named and no host is active', async () => {
    const { fleet } = await fleetOfFive()
    await fleet.activeHost.clear()
    await expect(selectTargets(fleet, undefined)).rejects.toMatchObject({
      code: 'no-active-host',
      exitCode: 2,
    })
  })
})
