import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../src/drivers/driver.ts'
import { addressOf } from '../../../src/operations/machines/address.ts'

const machine: Machine = { id: '1', name: 'mg0', status: 'active' }
const both = { ...machine, publicAddress: '203.0.113.7', privateAddress: '10.0.0.7' }

describe('the address of a machine', () => {
  it('is the public one, where there is one', () => {
    expect(addressOf(both, 'any')).toBe('203.0.113.7')
    expect(addressOf({ ...machine, privateAddress: '10.0.0.7' }, 'any')).toBe('10.0.0.7')
  })

  it('is the one that other machines reach it at, where only one serves', () => {
    expect(addressOf({ ...both, peerAddress: '10.0.0.7' }, 'any')).toBe('10.0.0.7')
    expect(addressOf({ ...both, peerAddress: '10.0.0.7' }, 'public')).toBe('203.0.113.7')
  })

  it('is that of the config, where there is no IPv4 address', () => {
    const ssh = { address: 'mg0.example.com', port: 22, user: 'root' }
    expect(addressOf({ ...machine, ssh }, 'any')).toBe('mg0.example.com')
    expect(addressOf({ ...both, ssh }, 'any')).toBe('203.0.113.7')
  })

  it('is missed with the status of the machine', () => {
    expect(() => addressOf({ ...machine, status: 'new' }, 'any')).toThrow(/mg0 has no address.*new/)
    expect(() => addressOf({ ...machine, publicAddress: '203.0.113.7' }, 'private')).toThrow(
      /private address/,
    )
  })
})
