import { describe, expect, it } from 'vitest'
import { HostError, type HostFailure } from '../../../src/hosts/errors.ts'
import { awaitAnswers } from '../../../src/operations/machines/await-answers.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeHost } from '../../support/fake-host.ts'

const YEARS_AGO = '2020-01-01T00:00:00.000Z'

/** A machine made years ago, whose host fails so, one time after the other, before it answers. */
async function booting(...failures: HostFailure[]) {
  const driver = new FakeDriver().with('mg1')
  const left = [...failures]
  const host = new FakeHost('mg1', () => {
    const failure = left.shift()
    if (failure) throw new HostError(failure, 'mg1', `mg1 is ${failure}`)
    return {}
  })
  const machines = (await driver.list()).map(machine => ({ ...machine, createdAt: YEARS_AGO }))
  return {
    host,
    failures: await awaitAnswers(
      fakeFleet(driver, () => host),
      machines,
    ),
  }
}

describe.concurrent('waiting until a machine answers', () => {
  it.each<HostFailure>(['refused', 'reset', 'unreachable', 'unresolved', 'lost', 'auth'])(
    'goes on, however old the machine is, while it is %s',
    async failure => {
      const { host, failures } = await booting(failure, failure)
      expect(failures).toEqual([])
      expect(host.lines).toHaveLength(3)
    },
  )

  it.each<HostFailure>(['host-key', 'protocol'])('ends at once at what does not pass: %s', async failure => {
    const { host, failures } = await booting(failure)
    expect(failures).toMatchObject([{ name: 'mg1', error: { failure } }])
    expect(host.lines).toHaveLength(1)
  })

  it('ends at once at a machine that is off: it will not start by being asked', async () => {
    const driver = new FakeDriver().with('mg1')
    const off = new HostError('unreachable', 'mg1', 'mg1 is switched off')
    const fleet = fakeFleet(driver, () => {
      throw off
    })
    expect(await awaitAnswers(fleet, await driver.list())).toEqual([{ name: 'mg1', error: off }])
  })
})
