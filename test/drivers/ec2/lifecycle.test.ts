import { afterEach, describe, expect, it } from 'vitest'
import type { Machine, Outcome } from '../../../src/drivers/driver.ts'
import type { EmulatorOptions } from '../../support/ec2/emulator.ts'
import { Refusal } from '../../support/ec2/refusal.ts'
import { Subject } from '../../support/ec2/subject.ts'

let subject: Subject
afterEach(() => subject?.emulator.stop())

async function fleet(names: string[], options: EmulatorOptions = {}): Promise<Machine[]> {
  process.env.AWS_MAX_ATTEMPTS = '4'
  subject = await Subject.start(options)
  return machinesOf(await subject.driver().create(names.map(name => ({ name, size: '512mb' }))))
}

function machinesOf(outcomes: readonly Outcome[] = []): Machine[] {
  return outcomes.map(outcome => {
    if (!outcome.ok) throw outcome.error
    return outcome.machine
  })
}

describe('an instance', () => {
  it('is reached by others at its private address, and by SSH at its public one', async () => {
    const [a] = await fleet(['a'])
    expect(a?.peerAddress).toBe(a?.privateAddress)
    expect(a?.ssh?.address).toBe(a?.publicAddress)
    expect(a?.publicAddress).not.toBe(a?.privateAddress)
  })

  it('keeps its private address through a stop, and gets another public one', async () => {
    const [a] = (await fleet(['a'])) as [Machine]
    const driver = subject.driver()
    const [off] = machinesOf(await driver.shutdown([a]))
    expect(off).toMatchObject({ status: 'off', privateAddress: a.privateAddress })
    expect(off).not.toHaveProperty('publicAddress')
    const [back] = machinesOf(await driver.start([a]))
    expect(back).toMatchObject({ status: 'active', privateAddress: a.privateAddress })
    expect(back?.publicAddress).not.toBe(a.publicAddress)
  })

  it('is started again although it is still stopping', async () => {
    const [a] = (await fleet(['a'], { stopMs: 15_000 })) as [Machine]
    const interruption = new AbortController()
    const stopping = subject.driver().shutdown([a], { signal: interruption.signal })
    await expect.poll(() => subject.alive[0]?.state).toBe('stopping')
    interruption.abort()
    await stopping
    expect(machinesOf(await subject.driver().start([a]))).toMatchObject([{ status: 'active' }])
  })

  it('that is off cannot be rebooted, and one that is gone is told', async () => {
    const [a, b] = (await fleet(['a', 'b'])) as [Machine, Machine]
    const driver = subject.driver()
    await driver.shutdown([a])
    await driver.destroy([b])
    expect(await driver.shutdown([b])).toMatchObject([{ ok: false, error: { code: 'machine-gone' } }])
    const [outcome] = await driver.reboot([a])
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'machine-off', hint: 'run belt start a first' },
    })
  })

  it('gets another size when it is off, and only then', async () => {
    const [a, b] = (await fleet(['a', 'b'])) as [Machine, Machine]
    const driver = subject.driver()
    await driver.shutdown([a])
    const outcomes = await driver.resize([a, b], '8gb')
    expect(outcomes).toMatchObject([
      { ok: true, changed: true, machine: { memoryMiB: 8192, status: 'off' } },
      { ok: false, error: { code: 'machine-runs', hint: expect.stringContaining('belt shutdown b') } },
    ])
    expect(await driver.resize([a], 't3.large')).toMatchObject([{ ok: true, changed: false }])
    expect(machinesOf(await driver.start([a]))).toMatchObject([{ memoryMiB: 8192, status: 'active' }])
  })
})

describe('destroying instances', () => {
  it('takes one call for all, after which they are not listed, and EC2 is left as it was found', async () => {
    const machines = await fleet(['a', 'b', 'c'])
    const driver = subject.driver()
    await driver.destroy(machines.slice(0, 1))
    expect((await driver.list()).map(({ name }) => name)).toEqual(['b', 'c'])
    expect(subject.region.groups.size).toBe(1)
    await driver.destroy(machines)
    expect(subject.calls('TerminateInstances')).toHaveLength(2)
    expect(await driver.list()).toEqual([])
    expect(subject.region.groups.size).toBe(0)
    expect(subject.region.keyPairs.size).toBe(0)
    expect(subject.region.instances.size).toBe(3)
  })

  it('goes on without one that EC2 refuses, in the words of EC2', async () => {
    const machines = await fleet(['a', 'b', 'c'])
    subject.alive[1]?.tags.set('protected', 'true')
    const outcomes = await subject.driver().destroy(machines)
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true])
    expect(outcomes[1]).toMatchObject({
      error: {
        message: expect.stringContaining('may not be terminated'),
        hint: expect.stringContaining('protection'),
      },
    })
    expect(subject.region.groups.size).toBe(1)
  })

  it('does not believe at once that an instance which was listed is unknown', async () => {
    const machines = await fleet(['a', 'b'])
    const unknown = new Refusal(
      'InvalidInstanceID.NotFound',
      `The instance ID '${machines[0]?.id}' does not exist`,
    )
    subject.emulator.faults.next('TerminateInstances', unknown)
    const outcomes = await subject.driver().destroy(machines)
    expect(outcomes.map(outcome => outcome.ok && outcome.changed)).toEqual([true, true])
    expect(subject.alive).toEqual([])
  })

  it('survives that the answer is lost', async () => {
    const machines = await fleet(['a', 'b'])
    subject.emulator.faults.next('TerminateInstances', 'cut-after')
    expect((await subject.driver().destroy(machines)).map(({ ok }) => ok)).toEqual([true, true])
  })
})
