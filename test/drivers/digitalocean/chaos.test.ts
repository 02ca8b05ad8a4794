import { expect, it } from 'vitest'
import { Subject } from '../../support/digitalocean/subject.ts'

const MACHINES = 150

it('makes each machine once though a third of all requests fail', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const subject = await Subject.start({}, 100)
  const { faults, cloud } = subject.emulator
  faults.listLagMs = 5000
  faults.atRandom(1 / 3, seed)
  const specs = Array.from({ length: MACHINES }, (_, i) => ({ name: `node${i}`, size: '1gb' }))
  const driver = subject.driver()
  const outcomes = await driver.create(specs, { operation: 'op-1' })
  const there = cloud.all().map(droplet => droplet.name)
  expect({
    seed,
    failures: outcomes.filter(({ ok }) => !ok),
    there: there.length,
    distinct: new Set(there).size,
  }).toEqual({
    seed,
    failures: [],
    there: MACHINES,
    distinct: MACHINES,
  })
  const destroyed = await driver.destroy(await driver.list())
  expect({ seed, left: cloud.all(), failures: destroyed.filter(({ ok }) => !ok) }).toEqual({
    seed,
    left: [],
    failures: [],
  })
  expect(await subject.stop()).toEqual([])
}, 60_000)
