import { afterEach, describe, expect, it } from 'vitest'
import { OUTCOME_UNKNOWN, type Outcome } from '../../../src/drivers/driver.ts'
import { silentProgress } from '../../../src/progress.ts'
import type { EmulatorOptions } from '../../support/ec2/emulator.ts'
import { hostNameOf } from '../../support/ec2/instance.ts'
import { Subject } from '../../support/ec2/subject.ts'

let subject: Subject
afterEach(() => subject?.emulator.stop())

async function start(options: EmulatorOptions = {}): Promise<void> {
  process.env.AWS_MAX_ATTEMPTS = '4'
  subject = await Subject.start(options)
}

const specs = (...names: string[]) => names.map(name => ({ name, size: '512mb' }))
const nodes = (count: number) => Array.from({ length: count }, (_, i) => `node${i + 1}`)
const results = (outcomes: readonly Outcome[]) => outcomes.map(({ name, ok }) => [name, ok])
const zonesOf = () => subject.alive.map(({ zone }) => zone.at(-1)).sort()

describe('creating instances', () => {
  it('takes one call for a hundred names, and gives each instance its own', async () => {
    await start()
    const outcomes = await subject.driver().create(specs(...nodes(250)))
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    expect(subject.calls('RunInstances')).toHaveLength(3)
    expect(subject.alive.map(hostNameOf).sort()).toEqual(nodes(250).sort())
    expect(new Set(outcomes.map(outcome => outcome.ok && outcome.machine.id)).size).toBe(250)
    expect(subject.emulator.calls.filter(({ refused }) => refused)).toEqual([])
  })

  it('hands each a script, the same for all of a call', async () => {
    await start()
    const outcomes = await subject.driver().createWithScript(specs('a', 'b'), '#!/bin/sh\necho joined')
    expect(results(outcomes)).toEqual([
      ['a', true],
      ['b', true],
    ])
    const texts = subject.alive.map(({ userData }) => Buffer.from(userData, 'base64').toString())
    expect(texts.map(text => text.includes('\n\n#!/bin/sh\necho joined\n'))).toEqual([true, true])
    expect(subject.alive.map(hostNameOf)).toEqual(['a', 'b'])
  })

  it('tells which type an amount of memory is', async () => {
    await start()
    const notes: string[] = []
    const progress = { ...silentProgress, note: (text: string) => notes.push(text) }
    await subject.driver().create([...specs('a', 'b'), { name: 'c', size: 'm7i.large' }], { progress })
    expect(notes).toEqual(['512mb is t3.nano in us-west-1'])
    expect(await subject.driver().list()).toMatchObject([
      { memoryMiB: 512 },
      { memoryMiB: 512 },
      { memoryMiB: 8192 },
    ])
  })

  it.each(['error-after', 'cut-after', 'cut', 'error', 'throttle'] as const)(
    'makes nothing twice when an answer is lost (%s)',
    async fault => {
      await start()
      subject.emulator.faults.next('RunInstances', fault, fault)
      const outcomes = await subject.driver().create(specs('a', 'b', 'c'))
      expect(results(outcomes)).toEqual([
        ['a', true],
        ['b', true],
        ['c', true],
      ])
      expect(subject.alive).toHaveLength(3)
      expect(new Set(subject.calls('RunInstances').map(({ query }) => query.ClientToken)).size).toBe(1)
    },
  )

  it('finds what was made although no answer ever came', async () => {
    await start({ lagMs: 10_000 })
    subject.emulator.faults.next('RunInstances', 'cut-after', 'cut-after', 'cut-after', 'cut-after')
    const outcomes = await subject.driver().create(specs('a', 'b'))
    expect(results(outcomes)).toEqual([
      ['a', true],
      ['b', true],
    ])
  })

  it('says that it does not know whether it made what it cannot find', async () => {
    await start()
    subject.emulator.faults.next('RunInstances', 'error', 'error', 'error', 'error')
    const [outcome] = await subject.driver().create(specs('a'))
    expect(outcome).toMatchObject({ ok: false, error: { code: OUTCOME_UNKNOWN, hint: expect.any(String) } })
  })

  it('asks with a new token after the machines were removed', async () => {
    await start()
    const driver = subject.driver()
    await driver.create(specs('a'))
    await driver.destroy(await driver.list())
    expect(results(await driver.create(specs('a')))).toEqual([['a', true]])
  })

  it('waits for instances that are not listed yet', async () => {
    await start({ lagMs: 20_000 })
    expect(results(await subject.driver().create(specs('a', 'b')))).toEqual([
      ['a', true],
      ['b', true],
    ])
    expect(subject.calls('RunInstances')).toHaveLength(1)
  })

  it('keeps what a full zone still gave, and says in the words of EC2 why there is no more', async () => {
    await start()
    subject.region.room.set('us-west-1a', 2)
    const outcomes = await subject.driver({ zones: 'us-west-1a' }).create(specs('a', 'b', 'c', 'd'))
    expect(results(outcomes)).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
      ['d', false],
    ])
    expect(outcomes[3]).toMatchObject({
      error: {
        refusal: 'InsufficientInstanceCapacity',
        message: expect.stringContaining('sufficient t3.nano capacity'),
        hint: expect.stringContaining('ec2.zones'),
      },
    })
  })

  it('says when the account is full, and asks only once', async () => {
    await start({ instanceLimit: 0 })
    const [outcome] = await subject.driver().create(specs('a'))
    expect(outcome).toMatchObject({
      ok: false,
      error: { refusal: 'VcpuLimitExceeded', hint: expect.stringContaining('Service Quotas') },
    })
    expect(subject.calls('RunInstances')).toHaveLength(1)
  })

  it('tells why an instance ended before it ran', async () => {
    await start({ doomed: ['b'] })
    const outcomes = await subject.driver().create(specs('a', 'b'))
    expect(results(outcomes)).toEqual([
      ['a', true],
      ['b', false],
    ])
    expect(outcomes[1]).toMatchObject({
      error: { message: expect.stringContaining('Volume limit exceeded') },
    })
    expect(outcomes[1]).not.toHaveProperty('machine')
  })

  it('completes what was interrupted, without making anything twice', async () => {
    await start()
    const interruption = new AbortController()
    const first = subject.driver().create(specs('a', 'b'), { signal: interruption.signal, operation: 'one' })
    await expect.poll(() => subject.alive.length).toBe(2)
    interruption.abort()
    for (const outcome of await first) {
      expect(outcome).toMatchObject({ ok: false, error: { code: 'interrupted' }, machine: { status: 'new' } })
    }
    const again = await subject.driver().create(specs('a', 'b', 'c'), { operation: 'two' })
    expect(results(again)).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ])
    expect((await subject.driver().list()).map(({ name, operation }) => [name, operation])).toEqual([
      ['a', 'one'],
      ['b', 'one'],
      ['c', 'two'],
    ])
  })

  it('makes exactly what was asked for while a third of all calls fail', async () => {
    const seed = 20_261_121
    await start({ lagMs: 2_000 })
    delete process.env.AWS_MAX_ATTEMPTS
    subject.emulator.faults.atRandom(1 / 3, seed, ['error', 'error-after', 'cut', 'cut-after'])
    const outcomes = await subject.driver().create(specs(...nodes(230)))
    expect(
      outcomes.filter(({ ok }) => !ok),
      `seed ${seed}`,
    ).toEqual([])
    expect(subject.alive.map(hostNameOf).sort(), `seed ${seed}`).toEqual(nodes(230).sort())
  }, 60_000)
})

describe('the place of an instance', () => {
  it('is one zone after the other, evenly for each kind', async () => {
    await start()
    const zones = ['us-west-1a', 'us-west-1b', 'us-west-1c']
    await subject.driver({ zones }).create(specs('mg0', 'mg1', 'mg2', 'mg3', 'mg4'))
    expect(zonesOf()).toEqual(['a', 'a', 'b', 'b', 'c'])
    await subject.driver({ zones }).create(specs('mg5'))
    expect(zonesOf()).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
  })

  it('may be a zone that is asked for', async () => {
    await start()
    await subject.driver().create([{ name: 'a', size: '1gb', region: 'us-west-1c' }])
    expect(zonesOf()).toEqual(['c'])
  })

  it('may be subnets of one VPC, whose security group is used', async () => {
    await start()
    await subject.driver({ subnet: ['subnet-0e0', 'subnet-0e1'] }).create(specs('a', 'b'))
    expect(subject.alive.map(({ subnetId }) => subnetId).sort()).toEqual(['subnet-0e0', 'subnet-0e1'])
    expect([...subject.region.groups.values()].map(({ vpcId }) => vpcId)).toEqual(['vpc-0ee'])
    const several = subject.driver({ subnet: ['subnet-0d0', 'subnet-0e0'] }, 'other')
    await expect(several.create(specs('a'))).rejects.toMatchObject({ code: 'several-vpcs' })
  })

  it('may be several regions, all of which are looked through', async () => {
    await start()
    const driver = subject.driver({ region: ['us-west-1', 'eu-west-1'] })
    await driver.create([...specs('a'), { name: 'b', size: '1gb', region: 'eu-west-1' }])
    const machines = await driver.list()
    expect(machines.map(({ name, region }) => [name, region])).toEqual([
      ['a', 'us-west-1'],
      ['b', 'eu-west-1'],
    ])
    await driver.destroy(machines)
    expect(await driver.list()).toEqual([])
  })

  it('is never a region where the machine would not be found again', async () => {
    await start()
    const create = subject.driver().create([{ name: 'a', size: '1gb', region: 'nyc3' }])
    await expect(create).rejects.toMatchObject({
      code: 'bad-region',
      hint: expect.stringContaining('[us-west-1, nyc3]'),
    })
  })

  it('needs a subnet where the region has no default VPC', async () => {
    await start()
    subject.region.defaultVpc = undefined
    await expect(subject.driver().create(specs('a'))).rejects.toMatchObject({
      code: 'no-default-vpc',
      hint: expect.stringContaining('ec2.subnet'),
    })
  })
})
