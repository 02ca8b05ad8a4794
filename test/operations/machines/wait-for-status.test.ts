import { describe, expect, it } from 'vitest'
import {
  groupByStatus,
  meets,
  parseConditions,
  type StatusGroup,
  waitForStatus,
} from '../../../src/operations/machines/wait-for-status.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeHost } from '../../support/fake-host.ts'

const fleetOf = (driver: FakeDriver) => fakeFleet(driver, name => new FakeHost(name))

describe('parseConditions', () => {
  it('reads exact and least counts, several of them', () => {
    expect(parseConditions('active=13')).toEqual([{ status: 'active', count: 13, atLeast: false }])
    expect(parseConditions('active>=10, new=0')).toEqual([
      { status: 'active', count: 10, atLeast: true },
      { status: 'new', count: 0, atLeast: false },
    ])
  })

  it.each(['', 'active', 'active=', 'running=3', 'active=x', 'active==3', 'active=3,'])(
    'refuses %j',
    text => {
      expect(() => parseConditions(text)).toThrow('is not a condition to wait for')
    },
  )
})

describe('meets', () => {
  it('counts machines of a status, exactly, or at least as many where asked', async () => {
    const machines = await new FakeDriver().with('a', 'b').list()
    expect(meets(machines, parseConditions('active=2'))).toBe(true)
    expect(meets(machines, parseConditions('active=1'))).toBe(false)
    expect(meets(machines, parseConditions('active>=1'))).toBe(true)
    expect(meets(machines, parseConditions('active=2,off=1'))).toBe(false)
  })
})

describe('waitForStatus', () => {
  it('shows each change once, until the condition is met', async () => {
    const driver = new FakeDriver()
    const half = driver.vendor.begin(driver.cluster, 'a')
    const shown: StatusGroup[][] = []
    setTimeout(() => driver.vendor.complete(driver.cluster, half), 1500)
    const groups = await waitForStatus(fleetOf(driver), parseConditions('active=1'), 10_000, now =>
      shown.push(now),
    )
    expect(shown).toEqual([[{ status: 'new', names: ['a'] }], [{ status: 'active', names: ['a'] }]])
    expect(groups).toEqual(groupByStatus(await driver.list()))
  })

  it('gives up at the deadline and says what there is', async () => {
    const waited = waitForStatus(
      fleetOf(new FakeDriver().with('a')),
      parseConditions('active=3'),
      100,
      () => {},
    )
    await expect(waited).rejects.toMatchObject({
      code: 'wait-timeout',
      message: 'not active=3 within 0.1 s; there is: active=1',
    })
  })

  it('does not take a failed read for no machines', async () => {
    const driver = new FakeDriver().with('a')
    driver.vendor.down = new Error('rate limit')
    const waited = waitForStatus(fleetOf(driver), parseConditions('active=0'), 100, () => {})
    await expect(waited).rejects.toThrow('the last read failed: rate limit')
  })
})
