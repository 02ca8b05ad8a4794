import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { tuneHosts } from '../../../src/operations/machines/tune.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeKernel } from '../../support/fake-kernel.ts'

function fleetOf(...names: string[]) {
  const kernels = new Map(names.map(name => [name, new FakeKernel(name, { 'net.core.somaxconn': '128' })]))
  const kernel = (name: string) => kernels.get(name) ?? new FakeKernel(name, {})
  return { kernel, fleet: fakeFleet(new FakeDriver().with(...names), name => kernel(name).host) }
}

const request = (change = {}) => ({
  nodes: ['*'],
  sources: [{ 'net.core.somaxconn': 4096 }],
  compareOnly: false,
  ...change,
})

describe('tuneHosts', () => {
  it('lets the later source win', async () => {
    const { kernel, fleet } = fleetOf('node1')
    await tuneHosts(
      fleet,
      request({ sources: [{ 'net.core.somaxconn': 4096 }, { 'net.core.somaxconn': '1024' }] }),
    )
    expect(kernel('node1').values.get('net.core.somaxconn')).toBe('1024')
  })

  it('tunes the others when a host gives no answer', async () => {
    const { kernel, fleet } = fleetOf('node1', 'node2')
    kernel('node1').host.down = new HostError('unreachable', 'node1', 'node1: no route')
    const { hosts, failures } = await tuneHosts(fleet, request())
    expect(hosts).toMatchObject([
      { name: 'node1', keys: [], error: 'node1: no route' },
      { name: 'node2', keys: [{ state: 'set' }] },
    ])
    expect(failures.map(({ name }) => name)).toEqual(['node1'])
  })

  it('counts a host as failed when its kernel refuses a value', async () => {
    const { kernel, fleet } = fleetOf('node1')
    kernel('node1').refuses.add('net.core.somaxconn')
    const { failures } = await tuneHosts(fleet, request())
    expect(failures).toMatchObject([{ name: 'node1', error: { code: 'setting-refused', host: 'node1' } }])
    expect(failures[0]?.error.message).toBe('node1: net.core.somaxconn cannot be 4096: Invalid argument')
  })

  it('only compares when told to', async () => {
    const { kernel, fleet } = fleetOf('node1')
    const { hosts } = await tuneHosts(fleet, request({ compareOnly: true }))
    expect(hosts).toMatchObject([{ keys: [{ state: 'drift' }] }])
    expect(kernel('node1').values.get('net.core.somaxconn')).toBe('128')
  })

  it('compares each host with its own file when nothing is wanted', async () => {
    const { kernel, fleet } = fleetOf('node1', 'node2', 'node3')
    await tuneHosts(fleet, request({ nodes: ['node[1:2]'] }))
    kernel('node2').values.set('net.core.somaxconn', '8192')
    const { hosts, failures } = await tuneHosts(fleet, request({ sources: [{}], compareOnly: true }))
    expect(hosts).toMatchObject([
      { name: 'node1', keys: [{ live: '4096', file: '4096', state: 'as-wanted' }] },
      { name: 'node2', keys: [{ live: '8192', file: '4096', wanted: '4096', state: 'drift' }] },
      { name: 'node3', keys: [] },
    ])
    expect(failures).toEqual([])
  })

  it('asks what to tune when nothing says it', async () => {
    const { fleet } = fleetOf('node1')
    await expect(tuneHosts(fleet, request({ sources: [{}] }))).rejects.toMatchObject({
      code: 'no-settings',
      exitCode: 2,
    })
  })
})
