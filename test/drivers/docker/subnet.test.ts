import { describe, expect, it } from 'vitest'
import { AddressPool, machineAddresses } from '../../../src/drivers/docker/subnet.ts'

describe('a subnet', () => {
  it('keeps the first address for the gateway, and those of the network and the broadcast', () => {
    expect([...machineAddresses('10.0.0.0/29')]).toEqual([
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.4',
      '10.0.0.5',
      '10.0.0.6',
    ])
  })

  it('begins where its bits say, whatever address it is written with', () => {
    expect(machineAddresses('192.168.7.77/26').next().value).toBe('192.168.7.66')
  })

  it('goes past the end of a byte, and past half of all addresses', () => {
    const addresses = [...machineAddresses('223.255.254.0/23')]
    expect(addresses).toHaveLength(509)
    expect(addresses.slice(253, 256)).toEqual(['223.255.254.255', '223.255.255.0', '223.255.255.1'])
  })

  it('may be too small for any machine', () => {
    expect([...machineAddresses('10.0.0.0/31')]).toEqual([])
  })
})

describe('a pool of addresses', () => {
  it('hands out the lowest that is free, each once', () => {
    const pool = new AddressPool('10.0.0.0/24', new Set(['10.0.0.2', '10.0.0.4']))
    expect([pool.next(), pool.next(), pool.next()]).toEqual(['10.0.0.3', '10.0.0.5', '10.0.0.6'])
  })

  it('says when there is none left', () => {
    const pool = new AddressPool('10.0.0.0/30', new Set(['10.0.0.2']))
    expect(() => pool.next()).toThrow(expect.objectContaining({ code: 'subnet-full' }))
  })
})
