import { describe, expect, it } from 'vitest'
import { removeFromSwarm } from '../../../src/operations/swarm/remove-and-destroy.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { FlyingClock } from '../../support/flying-clock.ts'

async function swarmOfThree() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  for (const name of ['node1', 'node2']) swarm.enrol(name, 'worker')
  const driver = new FakeDriver().with('mg0', 'node1', 'node2')
  const controller = new AbortController()
  const fleet = fakeFleet(driver, name => swarm.host(name), {
    clock: new FlyingClock(),
    signal: controller.signal,
    concurrency: 1,
  })
  await fleet.activeHost.set('mg0')
  return { swarm, driver, controller, fleet }
}

const removal = (nodes: string[]) => ({ nodes, unreachable: false, destroy: true })

describe('an interrupted removal', () => {
  it('says what was done, what remains and how to go on', async () => {
    const { swarm, driver, controller, fleet } = await swarmOfThree()
    swarm.also = (_name, line) => {
      if (line === 'docker node rm id-node1') queueMicrotask(() => controller.abort())
      return undefined
    }
    await expect(removeFromSwarm(fleet, removal(['node1', 'node2']), async () => {})).rejects.toMatchObject({
      code: 'interrupted',
      exitCode: 130,
      message: expect.stringContaining('not yet node'),
      hint: expect.stringContaining('belt swarm remove'),
    })
    expect((await driver.list()).map(({ name }) => name)).toEqual(['mg0', 'node1', 'node2'])
  })
})

describe('a removal without --destroy', () => {
  it('destroys nothing, and does not ask the driver to', async () => {
    const { driver, fleet } = await swarmOfThree()
    let asked = false
    const destroy = driver.destroy.bind(driver)
    driver.destroy = (...args) => {
      asked = true
      return destroy(...args)
    }
    const removed = await removeFromSwarm(fleet, { ...removal(['node1']), destroy: false }, async () => {})
    expect(removed).toMatchObject({ answers: [{ host: 'node1', ok: true }], destruction: { destroyed: [] } })
    expect(asked).toBe(false)
  })
})
