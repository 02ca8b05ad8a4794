import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../src/drivers/driver.ts'
import { type AddressKind, addressesOfMachines } from '../../../src/operations/machines/address.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeHost } from '../../support/fake-host.ts'

const both = { publicAddress: '203.0.113.7', privateAddress: '10.0.0.7' }

/** The addresses of one machine with these facts. */
async function addressesOf(facts: Partial<Machine>, kind: AddressKind) {
  const driver = new FakeDriver('prod')
  driver.list = async () => [{ id: '1', name: 'mg0', status: 'active', ...facts }]
  return addressesOfMachines(
    fakeFleet(driver, name => new FakeHost(name)),
    ['mg0'],
    kind,
  )
}

const mg0 = (address: string) => ({ found: [{ name: 'mg0', address }], failures: [] })

describe('the address of a machine', () => {
  it('is the public one, where there is one', async () => {
    expect(await addressesOf(both, 'any')).toEqual(mg0('203.0.113.7'))
    expect(await addressesOf({ privateAddress: '10.0.0.7' }, 'any')).toEqual(mg0('10.0.0.7'))
  })

  it('is the one that other machines reach it at, where only one serves', async () => {
    expect(await addressesOf({ ...both, peerAddress: '10.0.0.7' }, 'any')).toEqual(mg0('10.0.0.7'))
    expect(await addressesOf({ ...both, peerAddress: '10.0.0.7' }, 'public')).toEqual(mg0('203.0.113.7'))
  })

  it('is that of the config, where there is no IPv4 address', async () => {
    const ssh = { address: 'mg0.example.com', port: 22, user: 'root' }
    expect(await addressesOf({ ssh }, 'any')).toEqual(mg0('mg0.example.com'))
    expect(await addressesOf({ ...both, ssh }, 'any')).toEqual(mg0('203.0.113.7'))
  })

  it('is missed with the status of the machine', async () => {
    const { failures } = await addressesOf({ status: 'new' }, 'any')
    expect(failures).toMatchObject([{ name: 'mg0', error: { code: 'no-address' } }])
    expect(failures[0]?.error.message).toBe('mg0 has no address; its status is new')
    const missing = await addressesOf({ publicAddress: '203.0.113.7' }, 'private')
    expect(missing.failures[0]?.error.message).toMatch(/private address/)
  })
})
