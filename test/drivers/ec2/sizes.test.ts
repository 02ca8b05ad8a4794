import { describe, expect, it } from 'vitest'
import { architectureOf, instanceType, memoryOf } from '../../../src/drivers/ec2/sizes.ts'

describe('a size on EC2', () => {
  it.each([
    ['512mb', 't3.nano'],
    ['1gb', 't3.micro'],
    ['2GB', 't3.small'],
    ['4gb', 't3.medium'],
    ['8192MB', 't3.large'],
    ['16gb', 't3.xlarge'],
    ['32gb', 't3.2xlarge'],
  ])('of %s is %s', (size, type) => {
    expect(instanceType(size)).toBe(type)
  })

  it.each(['m7i.large', 't4g.micro', 'u-6tb1.112xlarge', 'c7gn.metal'])('may be the type %s', type => {
    expect(instanceType(type)).toBe(type)
  })

  it.each(['3gb', 's-1vcpu-1gb', 't3', '', '12'])('cannot be %j, and what can be is told', size => {
    expect(() => instanceType(size)).toThrow(expect.objectContaining({ code: 'bad-size', exitCode: 2 }))
    expect(() => instanceType(size)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('512mb, 1gb, 2gb, 4gb, 8gb, 16gb, 32gb') }),
    )
  })

  it.each([
    ['t3.nano', 512],
    ['t4g.2xlarge', 32768],
    ['m7i.large', undefined],
    ['t1.micro', undefined],
  ])('%s has %s MiB as far as that is known', (type, memory) => {
    expect(memoryOf(type)).toBe(memory)
  })

  it.each([
    ['t3.micro', 'x86_64'],
    ['g4dn.xlarge', 'x86_64'],
    ['t4g.micro', 'arm64'],
    ['c7gn.large', 'arm64'],
    ['im4gn.large', 'arm64'],
    ['a1.large', 'arm64'],
  ])('%s runs %s', (type, architecture) => {
    expect(architectureOf(type)).toBe(architecture)
  })
})
