import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Outcome } from '../../../src/drivers/driver.ts'
import type { BeltError } from '../../../src/errors.ts'
import type { FaultKind } from '../../support/digitalocean/faults.ts'
import { notingProgress, PUBLIC_KEY, Subject } from '../../support/digitalocean/subject.ts'

const specsOf = (count: number, size = '512mb', region?: string) =>
  Array.from({ length: count }, (_, i) => ({
    name: `node${i + 1}`,
    size,
    ...(region !== undefined && { region }),
  }))

const failuresOf = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap(outcome => (outcome.ok ? [] : [outcome.error as BeltError]))

describe('creating droplets', () => {
  let subject: Subject
  beforeEach(async () => {
    subject = await Subject.start()
  })
  afterEach(async () => expect(await subject.stop()).toEqual([]))

  const orders = () =>
    subject.emulator.requests(/^POST .v2.droplets$/).map(({ body }) => body as { names: string[] })
  const names = () =>
    subject.emulator.cloud
      .all()
      .map(droplet => droplet.name)
      .sort()

  it('sends names in tens, with the tags of the cluster and of the create in the same call', async () => {
    const driver = subject.driver({ tags: ['web'], monitoring: true, user_data: '#!/bin/sh' })
    const outcomes = await driver.create(specsOf(23), { operation: 'op-1' })
    expect(failuresOf(outcomes)).toEqual([])
    expect(orders().map(order => order.names.length)).toEqual([10, 10, 3])
    expect(orders()[0]).toMatchObject({
      region: 'sgp1',
      size: 's-1vcpu-512mb-10gb',
      image: 'ubuntu-24-04-x64',
      tags: ['belt:cluster:mine', 'belt:operation:op-1', 'web'],
      monitoring: true,
      user_data: '#!/bin/sh',
    })
    expect(await driver.list()).toContainEqual(
      expect.objectContaining({ name: 'node7', operation: 'op-1', monthlyPriceUsd: 4, region: 'sgp1' }),
    )
  })

  it('hands a script over behind what the config says', async () => {
    const script = '#!/bin/sh\necho joined'
    const both = subject.driver({ user_data: '#cloud-config\n{}' })
    const [outcome] = await both.createWithScript(specsOf(1), script, { operation: 'op-1' })
    expect(outcome).toMatchObject({ ok: true, changed: true, machine: { operation: 'op-1' } })
    await subject.driver().createWithScript([{ name: 'alone', size: '512mb' }], script)
    const [first, second] = orders() as unknown as { user_data: string }[]
    expect(first?.user_data).toMatch(
      /\n\n#cloud-config\n\{\}\n--.*\n.*shellscript.*\n\n#!\/bin\/sh\necho joined\n--/,
    )
    expect(second?.user_data).toBe(script)
  })

  it('refuses a script for which the config leaves no room, before it orders', async () => {
    const driver = subject.driver({ user_data: `#${'x'.repeat(65_000)}` })
    await expect(driver.createWithScript(specsOf(1), `#!/bin/sh\n${'x'.repeat(600)}`)).rejects.toMatchObject({
      code: 'user-data-too-long',
      exitCode: 2,
    })
    expect(orders()).toEqual([])
  })

  it('says which size was taken for an amount of memory', async () => {
    const progress = notingProgress()
    await subject
      .driver()
      .create([...specsOf(2), { name: 'mg0', size: '8192MB', region: 'nyc3' }], { progress })
    expect(progress.notes).toEqual([
      '512mb in sgp1 is s-1vcpu-512mb-10gb (512mb, 1 vCPU, 10 GB disk, $4 a month)',
      '8192MB in nyc3 is s-4vcpu-8gb (8gb, 4 vCPU, 160 GB disk, $48 a month)',
    ])
  })

  it('makes only what is missing', async () => {
    const driver = subject.driver()
    await driver.create(specsOf(2))
    const again = await driver.create(specsOf(4))
    expect(again.map(outcome => outcome.ok && outcome.changed)).toEqual([false, false, true, true])
    expect(orders()[1]?.names).toEqual(['node3', 'node4'])
  })

  it.each<FaultKind>([
    'fail',
    'fail-after',
    'cut',
    'cut-after',
    'page',
    'empty-after',
    'hang-after',
    'refuse',
  ])('makes each once when orders go wrong: %s', async kind => {
    subject.emulator.faults.listLagMs = 8000
    subject.emulator.faults.plan(kind, /^POST .v2.droplets$/, 2)
    const outcomes = await subject.driver().create(specsOf(23))
    expect(failuresOf(outcomes)).toEqual([])
    expect(names()).toEqual(
      specsOf(23)
        .map(({ name }) => name)
        .sort(),
    )
  })

  it('removes duplicates of a request that had to be repeated', async () => {
    subject.emulator.faults.listLagMs = 30_000
    subject.emulator.faults.plan('cut-after', /^POST .v2.droplets$/)
    const progress = notingProgress()
    const outcomes = await subject.driver().create(specsOf(3), { operation: 'op-1', progress })
    expect(failuresOf(outcomes)).toEqual([])
    expect(subject.emulator.cloud.made).toBe(6)
    expect(names()).toEqual(['node1', 'node2', 'node3'])
    expect(progress.notes.filter(note => note.includes('created twice'))).toHaveLength(3)
    expect(subject.emulator.cloud.all().map(droplet => String(droplet.id))).toEqual(
      outcomes.map(outcome => outcome.machine?.id),
    )
  })

  it('tells of a droplet that vanished, and makes it when asked again', async () => {
    subject.emulator.faults.vanishing.add('node2')
    const [first, second] = await subject.driver().create(specsOf(2))
    expect(first?.ok).toBe(true)
    expect(second).toMatchObject({
      ok: false,
      error: {
        code: 'droplet-vanished',
        message: expect.stringContaining('s-1vcpu-512mb-10gb in sgp1'),
        hint: expect.stringContaining('region'),
      },
    })
    expect(second).not.toHaveProperty('machine')
    subject.emulator.faults.vanishing.clear()
    expect(failuresOf(await subject.driver().create(specsOf(2)))).toEqual([])
  })

  it("says in DigitalOcean's words that the account is full", async () => {
    await subject.stop()
    subject = await Subject.start({ dropletLimit: 12 })
    const outcomes = await subject.driver().create(specsOf(15))
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(10)
    const [failure] = failuresOf(outcomes)
    expect(failure).toMatchObject({
      code: 'droplet-limit',
      message: expect.stringContaining('will exceed your droplet limit'),
      hint: expect.stringContaining('droplet_limit_increase'),
    })
    expect(orders()).toHaveLength(2)
  })

  it('says where a size that is sold out is to be had', async () => {
    subject.emulator.faults.soldOut.set('s-1vcpu-1gb', ['fra1', 'ams3'])
    const failures = failuresOf(await subject.driver().create(specsOf(2, '1gb')))
    expect(failures).toHaveLength(2)
    expect(failures[0]).toMatchObject({ code: 'sold-out', hint: expect.stringContaining('fra1, ams3') })
  })

  it.each([
    ['an image that is not there', { image: 'nothing' }, 'bad-image', 'ubuntu-24-04-x64'],
    ['an image whose name is taken twice', { image: 'twice' }, 'bad-image', '2002, 2003'],
    ['an image that the region lacks', { image: 'belt-node', region: 'fra1' }, 'bad-image', 'transfer'],
    ['a key that is not there', { ssh_key_fingerprint: 'theirs' }, 'bad-key', 'mine'],
    ['a region that is not there', { region: 'moon1' }, 'bad-size', 'moon1'],
    ['no region', { region: undefined }, 'no-region', '--region'],
  ])('is refused before anything is made: %s', async (_, options, code, hint) => {
    const create = subject.driver(options).create(specsOf(1))
    await expect(create).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) })
    expect(orders()).toEqual([])
  })

  it.each([
    ['816630', 'bad-key', { ssh_key_fingerprint: 816630 }],
    ['a fingerprint', 'bad-key', { ssh_key_fingerprint: Array.from({ length: 16 }, () => 'ab').join(':') }],
  ])('is refused by DigitalOcean for a key that is not there: %s', async (_, code, options) => {
    const [failure] = failuresOf(await subject.driver(options).create(specsOf(1)))
    expect(failure).toMatchObject({
      code,
      message: expect.stringContaining('invalid key'),
      hint: expect.any(String),
    })
  })

  it('takes the id of a snapshot for its name', async () => {
    await subject.driver({ image: 'belt-node' }).create(specsOf(1))
    expect(orders()[0]).toMatchObject({ image: 2001 })
  })

  it('takes keys by name, and those of the user that are on the account', async () => {
    const [mine] = subject.emulator.cloud.keys
    await subject.driver({ ssh_key_fingerprint: 'mine' }).create(specsOf(1))
    await subject.driver({}, 'other').create(specsOf(1))
    for (const order of orders()) expect(order).toMatchObject({ ssh_keys: [mine?.id] })
  })

  it('puts no key on the account, but says how', async () => {
    const stranger = PUBLIC_KEY.replace(/[A-Z]/, 'Q')
    await expect(subject.driver({}, 'mine', [stranger]).create(specsOf(1))).rejects.toMatchObject({
      code: 'key-not-on-account',
      hint: expect.stringContaining('ssh-key import'),
    })
    expect(subject.emulator.cloud.keys).toHaveLength(1)
  })

  it('needs a token', async () => {
    await expect(subject.driver({ access_token: undefined }).validate()).rejects.toMatchObject({
      code: 'no-token',
      exitCode: 3,
      hint: expect.stringContaining('DIGITALOCEAN_ACCESS_TOKEN'),
    })
  })

  it('is checked for its regions beforehand', async () => {
    await expect(subject.driver({ region: ['sgp1', 'nyc2'] }).validate()).rejects.toMatchObject({
      code: 'bad-region',
      hint: expect.stringContaining('nyc3'),
    })
  })

  it('shows what is there when it is interrupted, and goes on when asked again', async () => {
    const interruption = new AbortController()
    for (const { name } of specsOf(10)) subject.emulator.faults.slow.add(name)
    const create = subject.driver().create(specsOf(10), { signal: interruption.signal })
    await vi.waitFor(() => expect(subject.emulator.cloud.made).toBe(10), 5000)
    interruption.abort(new Error('enough'))
    for (const outcome of await create) {
      expect(outcome).toMatchObject({ ok: false, error: { code: 'interrupted' }, machine: { status: 'new' } })
    }
    const again = await subject.driver().create(specsOf(10))
    expect(failuresOf(again)).toEqual([])
    expect(subject.emulator.cloud.made).toBe(10)
  })
})
