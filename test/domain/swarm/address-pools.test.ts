import { describe, expect, it } from 'vitest'
import { poolClash } from '../../../src/domain/swarm/address-pools.ts'

const hosts = [
  { name: 'mg0', addresses: ['192.168.0.2', '10.0.0.7'] },
  { name: 'mg1', addresses: ['192.168.0.3', '2001:db8::1'] },
]

describe('poolClash', () => {
  it.each<[string, string[] | undefined, object | undefined]>([
    ['the pool of the engine', undefined, { isChosen: false, pools: ['10.0.0.0/8'], hosts: ['mg0'] }],
    ['no pool as the pool of the engine', [], { isChosen: false, pools: ['10.0.0.0/8'], hosts: ['mg0'] }],
    ['a pool that holds no host', ['172.30.0.0/16'], undefined],
    [
      'a pool among several',
      ['172.30.0.0/16', '192.168.0.0/24'],
      { isChosen: true, pools: ['172.30.0.0/16', '192.168.0.0/24'], hosts: ['mg0', 'mg1'] },
    ],
  ])('compares hosts with %s', (_, pools, clash) => {
    expect(poolClash(pools, hosts)).toEqual(clash)
  })
})
