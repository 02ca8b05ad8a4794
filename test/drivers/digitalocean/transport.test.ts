import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clockAt } from '../../../src/clock.ts'
import { Api } from '../../../src/drivers/digitalocean/api.ts'
import { ApiError } from '../../../src/drivers/digitalocean/api-error.ts'
import { RequestBudget } from '../../../src/drivers/digitalocean/budget.ts'
import { Transport } from '../../../src/drivers/digitalocean/transport.ts'
import type { FaultKind } from '../../support/digitalocean/faults.ts'
import { deadUrl, Subject } from '../../support/digitalocean/subject.ts'

const clock = clockAt(50)

describe('a request', () => {
  let subject: Subject
  let transport: Transport
  const open = (baseUrl = subject.emulator.url, token = subject.emulator.token) =>
    new Transport({ baseUrl, token, clock, budget: new RequestBudget(clock) })
  const failureOf = async (request: Promise<unknown>) => (await request.catch(error => error)) as ApiError
  const requests = () => subject.emulator.log.map(({ request }) => request)
  beforeEach(async () => {
    subject = await Subject.start()
    transport = open()
  })
  afterEach(async () => expect(await subject.stop()).toEqual([]))

  it.each<FaultKind>(['fail', 'cut', 'page', 'refuse', 'hang-after'])(
    'that only reads is sent again after: %s',
    async kind => {
      subject.emulator.faults.plan(kind, /GET/, 2)
      await expect(transport.request({ actionPath: 'account' })).resolves.toHaveProperty('account')
      expect(requests()).toHaveLength(3)
    },
  )

  it.each<FaultKind>(['fail', 'cut', 'page', 'hang-after', 'fail-after', 'cut-after'])(
    'that makes something is not, because nobody knows what it did: %s',
    async kind => {
      subject.emulator.faults.plan(kind, /POST/)
      const error = await failureOf(
        transport.request({ actionPath: 'tags', method: 'POST', body: { name: 'a' } }),
      )
      expect(error).toMatchObject({ outcome: 'lost', hint: expect.any(String) })
      expect(requests()).toHaveLength(1)
    },
  )

  it('that makes something is sent again when it was turned away', async () => {
    subject.emulator.faults.plan('refuse', /POST/)
    await transport.request({ actionPath: 'tags/', method: 'POST', body: { name: 'a' } })
    expect(requests()).toEqual(['POST /v2/tags', 'POST /v2/tags'])
  })

  it('that is refused is sent once, and tells what DigitalOcean says', async () => {
    const error = await failureOf(transport.request({ actionPath: 'droplets/1' }))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      code: 'cloud-refused',
      status: 404,
      id: 'not_found',
      requestId: 'request-1',
      outcome: 'refused',
      message: expect.stringContaining('could not be found'),
    })
    expect(requests()).toHaveLength(1)
  })

  it('waits as long as it is told when there were too many', async () => {
    subject.emulator.faults.plan('refuse', /GET/)
    await transport.request({ actionPath: 'account' })
    const [first, second] = subject.emulator.log
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1000)
  })

  it('with a wrong token says how to get a right one, and does not show it', async () => {
    const error = await failureOf(open(undefined, 'dop_v1_secret').request({ actionPath: 'account' }))
    expect(error).toMatchObject({
      code: 'cloud-token',
      hint: expect.stringContaining('DIGITALOCEAN_ACCESS_TOKEN'),
    })
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain(
      'dop_v1_secret',
    )
    expect(requests()).toHaveLength(1)
  })

  it('to a place where nothing answers fails soon, as one that was never sent', async () => {
    const error = await failureOf(
      open(await deadUrl()).request({ actionPath: 'tags', method: 'POST', body: {} }),
    )
    expect(error).toMatchObject({ code: 'cloud-unreachable', outcome: 'unsent', exitCode: 3 })
  })

  it('gives up at last, with the last cause', async () => {
    subject.emulator.faults.plan('page', /GET/, 100)
    const error = await failureOf(transport.request({ actionPath: 'account' }))
    expect(error).toMatchObject({ code: 'cloud-failed', status: 502 })
    expect(requests()).toHaveLength(10)
  })

  it('whose answer is empty is no answer', async () => {
    subject.emulator.faults.plan('empty-after', /POST/)
    const api = new Api(request => transport.request(request))
    const order = {
      names: ['a'],
      size: 's-1vcpu-1gb',
      region: 'sgp1',
      image: 1001,
      ssh_keys: [],
      tags: ['t'],
      monitoring: false,
      ipv6: false,
    }
    expect(await failureOf(api.createDroplets(order))).toMatchObject({ outcome: 'lost' })
    expect(await api.droplets('t')).toHaveLength(1)
  })

  it('ends when its caller is interrupted', async () => {
    subject.emulator.faults.plan('hang-after', /GET/)
    const interruption = new AbortController()
    const request = transport.request({ actionPath: 'account' }, interruption.signal)
    setTimeout(() => interruption.abort(new Error('enough')), 50)
    await expect(request).rejects.toThrow('enough')
  })

  it('for all pages at once is refused', async () => {
    await expect(transport.request({ actionPath: 'droplets', includeAll: true })).rejects.toMatchObject({
      code: 'all-pages-at-once',
    })
    expect(requests()).toEqual([])
  })
})
