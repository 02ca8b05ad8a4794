import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DigitalOceanDriver } from '../../../src/drivers/digitalocean/driver.ts'
import type { Machine } from '../../../src/drivers/driver.ts'
import { notingProgress, Subject } from '../../support/digitalocean/subject.ts'

describe('existing droplets', () => {
  let subject: Subject
  let driver: DigitalOceanDriver
  let machines: Machine[]
  beforeEach(async () => {
    subject = await Subject.start()
    driver = subject.driver()
    await driver.create(['mg0', 'node1', 'node2', 'node3'].map(name => ({ name, size: '1gb' })))
    machines = await driver.list()
    subject.emulator.log.length = 0
  })
  afterEach(async () => expect(await subject.stop()).toEqual([]))

  const posts = () => subject.emulator.requests(/^POST/).map(({ request }) => request.replace(/\d{6}/, '*'))
  const deletes = () =>
    subject.emulator.requests(/^DELETE/).map(({ request }) => request.replace(/\d{6}/, '*'))
  const statuses = async () => (await driver.list()).map(({ status }) => status)
  const [all, some] = [() => machines, () => machines.slice(1, 3)]

  it('are shut down and started in one call when it is all of them', async () => {
    expect((await driver.shutdown(all())).every(outcome => outcome.ok && outcome.changed)).toBe(true)
    expect(await statuses()).toEqual(['off', 'off', 'off', 'off'])
    expect((await driver.start(all())).every(outcome => outcome.ok && outcome.changed)).toBe(true)
    expect(await statuses()).toEqual(['active', 'active', 'active', 'active'])
    expect(posts()).toEqual(['POST /v2/droplets/actions', 'POST /v2/droplets/actions'])
  })

  it('are shut down one by one when it is some, and those that are off already are left', async () => {
    await driver.shutdown(some())
    const outcomes = await driver.shutdown(machines.slice(0, 3))
    expect(outcomes.map(outcome => outcome.ok && outcome.changed)).toEqual([true, false, false])
    expect(posts()).toEqual(Array(3).fill('POST /v2/droplets/*/actions'))
    expect(await statuses()).toEqual(['off', 'off', 'off', 'active'])
  })

  it('are powered off if they do not shut down in time', async () => {
    subject.emulator.faults.deaf.add('node1')
    const progress = notingProgress()
    const outcomes = await driver.shutdown(all(), { progress })
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    expect(await statuses()).toEqual(['off', 'off', 'off', 'off'])
    expect(progress.notes).toEqual([
      expect.stringMatching(/^node1 did not shut down within 90 s.*turning off its power$/),
    ])
  })

  it('are rebooted, and their actions are watched together', async () => {
    expect((await driver.reboot(all())).every(outcome => outcome.ok && outcome.changed)).toBe(true)
    expect(posts()).toEqual(Array(4).fill('POST /v2/droplets/*/actions'))
    expect(subject.emulator.requests(/^GET .v2.actions.\d/)).toEqual([])
  })

  it('wait while another action is in progress', async () => {
    await subject.stop()
    // Longer than the first request takes, however busy this computer is.
    subject = await Subject.start({ actionMs: 120_000 })
    driver = subject.driver()
    await driver.create([{ name: 'node1', size: '1gb' }])
    const [machine] = (await driver.list()) as [Machine]
    subject.emulator.log.length = 0
    subject.emulator.cloud.act(Number(machine.id), { type: 'reboot' })
    expect(await driver.reboot([machine])).toMatchObject([{ ok: true }])
    expect(posts().length).toBeGreaterThan(1)
  })

  it.each(['cut-after', 'fail-after', 'cut'] as const)(
    'are changed though answers are lost: %s',
    async kind => {
      subject.emulator.faults.plan(kind, /^POST/, 2)
      for (const change of [driver.shutdown(all()), driver.reboot([])]) {
        expect((await change).every(({ ok }) => ok)).toBe(true)
      }
      subject.emulator.faults.plan(kind, /^POST/, 2)
      expect((await driver.resize(some(), '2gb')).every(({ ok }) => ok)).toBe(true)
      expect((await driver.list()).map(({ memoryMiB }) => memoryMiB)).toEqual([1024, 2048, 2048, 1024])
    },
  )

  it('get another size when they are off, and keep their disk', async () => {
    await driver.shutdown(some())
    const outcomes = await driver.resize(some(), '2gb')
    expect(outcomes).toMatchObject([
      { ok: true, changed: true, machine: { memoryMiB: 2048, status: 'off', monthlyPriceUsd: 12 } },
      { ok: true, changed: true },
    ])
    expect(subject.emulator.requests(/actions$/).at(-1)?.body).toEqual({
      type: 'resize',
      size: 's-1vcpu-2gb',
      disk: false,
    })
    const again = await driver.resize(some(), '2gb')
    expect(again.map(outcome => outcome.ok && outcome.changed)).toEqual([false, false])
    expect(await driver.start(some())).toMatchObject([{ ok: true }, { ok: true }])
  })

  it('cannot be resized while they run', async () => {
    expect(await driver.resize(some(), '2gb')).toMatchObject([
      { ok: false, error: { code: 'machine-on', hint: expect.stringContaining('belt shutdown') } },
      { ok: false },
    ])
    expect(posts()).toEqual([])
  })

  it('keep a disk that has grown', async () => {
    await driver.shutdown(some())
    await driver.resize(some(), '2gb', { disk: true })
    expect(await driver.resize(some(), '1gb')).toMatchObject([
      { ok: false, error: { message: expect.stringContaining('can not decrease') } },
      { ok: false },
    ])
  })

  it('that are gone are said to be', async () => {
    const [gone] = machines as [Machine]
    await driver.destroy([gone])
    for (const outcomes of [
      await driver.shutdown([gone]),
      await driver.start([gone]),
      await driver.reboot([gone]),
    ]) {
      expect(outcomes).toMatchObject([{ ok: false, error: { code: 'machine-gone' } }])
    }
  })

  it('are destroyed in one call when it is all of them', async () => {
    await driver.destroy(all())
    expect(deletes()).toEqual(['DELETE /v2/droplets'])
    expect(await driver.list()).toEqual([])
  })

  it('are destroyed by id when there is one more that was not named', async () => {
    await driver.destroy(machines.slice(1))
    expect(deletes()).toEqual(Array(3).fill('DELETE /v2/droplets/*'))
    expect((await driver.list()).map(({ name }) => name)).toEqual(['mg0'])
  })

  it('are destroyed though lists do not show them yet', async () => {
    subject.emulator.faults.listLagMs = 10_000
    const [fresh] = subject.emulator.cloud.create({
      names: ['node4'],
      region: 'sgp1',
      size: 's-1vcpu-1gb',
      image: 1001,
      ssh_keys: [],
      tags: ['belt:cluster:mine'],
      monitoring: false,
      ipv6: false,
    }).droplets as [{ id: number }]
    const machine = { id: String(fresh.id), name: 'node4', status: 'new' } as const
    expect(await driver.destroy([machine])).toMatchObject([{ ok: true, changed: true }])
    expect(subject.emulator.cloud.all()).toHaveLength(4)
  })

  it("are left alone when they are another cluster's", async () => {
    await subject.driver({}, 'theirs').destroy(all())
    expect(deletes()).toEqual([])
    expect(await statuses()).toHaveLength(4)
  })
})
