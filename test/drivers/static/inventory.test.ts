import { describe, expect, it } from 'vitest'
import { machinesFromHosts } from '../../../src/drivers/static/inventory.ts'
import { staticOptions } from '../../../src/drivers/static/options.ts'

const read = (...hosts: Record<string, unknown>[]) => machinesFromHosts(staticOptions.parse({ hosts }).hosts)

describe('the inventory', () => {
  it('gives each name of a range an address of a range', () => {
    expect(read({ name: 'node[1:2]', address: '10.0.0.[11:12]', private_address: '10.1.0.[11:12]' })).toEqual(
      [
        {
          id: 'node1',
          name: 'node1',
          status: 'active',
          publicAddress: '10.0.0.11',
          privateAddress: '10.1.0.11',
          ssh: { address: '10.0.0.11', port: 22, user: 'root', fromSshConfig: ['user', 'port'] },
        },
        {
          id: 'node2',
          name: 'node2',
          status: 'active',
          publicAddress: '10.0.0.12',
          privateAddress: '10.1.0.12',
          ssh: { address: '10.0.0.12', port: 22, user: 'root', fromSshConfig: ['user', 'port'] },
        },
      ],
    )
  })

  it('takes a list of addresses, a user and a port', () => {
    const machines = read({ name: 'a,b', address: ['10.0.0.9', '10.0.0.3'], user: 'admin', port: '2222' })
    expect(machines.map(({ ssh }) => ssh)).toEqual([
      { address: '10.0.0.9', port: 2222, user: 'admin', fromSshConfig: [] },
      { address: '10.0.0.3', port: 2222, user: 'admin', fromSshConfig: [] },
    ])
  })

  it('takes names of DNS, which are no addresses yet', () => {
    const [machine] = read({ name: 'web', address: 'web.example.com' })
    expect(machine?.ssh?.address).toBe('web.example.com')
    expect(machine).not.toHaveProperty('publicAddress')
  })

  it.each([
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['[2001:db8::a]', '2001:db8::a'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('takes the IPv6 address %s', (written, address) => {
    expect(read({ name: 'web', address: written })[0]?.ssh?.address).toBe(address)
  })

  it('takes a range of IPv6 addresses, and lists that mix them', () => {
    const addresses = read({ name: 'node[1:4]', address: ['2001:db8::[1:2],[::1]', 'web.example.com'] })
    expect(addresses.map(({ ssh }) => ssh?.address)).toEqual([
      '2001:db8::1',
      '2001:db8::2',
      '::1',
      'web.example.com',
    ])
  })

  it('refuses a port in an address, and says where it belongs', () => {
    const hosts = [{ name: 'web', address: '[::1]:2222' }]
    expect(staticOptions.safeParse({ hosts }).error?.issues).toMatchObject([
      { path: ['hosts', 0], message: expect.stringContaining('port: 2222') },
    ])
  })

  it('takes names with dots', () => {
    const machines = read({ name: 'web-[1:2].example.com', address: '10.0.0.[1:2]' })
    expect(machines.map(({ name }) => name)).toEqual(['web-1.example.com', 'web-2.example.com'])
  })

  it.each([
    ['more addresses than names', 'node[1:2]', '10.0.0.[1:3]', '3 addresses for 2 names'],
    ['fewer addresses than names', 'node[1:3]', ['10.0.0.1'], '1 addresses for 3 names'],
    ['a bad range', 'node[2:1]', '10.0.0.1', 'range'],
    ['a name with an empty part', 'web..example.com', '10.0.0.1', 'beside the dot'],
    ['a name listed twice', 'node1', '10.0.0.1', 'node1 is listed twice'],
  ])('refuses %s, and says in which entry', (_, name, address, message) => {
    const hosts = [
      { name: 'node1', address: '10.0.0.9' },
      { name, address },
    ].slice(name === 'node1' ? 0 : 1)
    expect(staticOptions.safeParse({ hosts }).error?.issues).toMatchObject([
      { path: ['hosts', hosts.length - 1], message: expect.stringContaining(message) },
    ])
  })

  it('refuses keys that it does not know', () => {
    expect(() => read({ name: 'a', address: '10.0.0.1', adress: 'x' })).toThrow()
  })
})
