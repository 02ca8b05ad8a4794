import { describe, expect, it } from 'vitest'
import { describeSize, resolveSize } from '../../../src/drivers/digitalocean/sizes.ts'
import { sizes } from '../../support/digitalocean/catalogue.ts'

const slugOf = (written: string, region = 'sgp1') => resolveSize(written, region, sizes).slug

describe('a size', () => {
  it.each([
    ['s-2vcpu-4gb', 's-2vcpu-4gb'],
    ['m-2vcpu-16gb', 'm-2vcpu-16gb'],
    ['512mb', 's-1vcpu-512mb-10gb'],
    ['1gb', 's-1vcpu-1gb'],
    ['2gb', 's-1vcpu-2gb'],
    ['2048MB', 's-1vcpu-2gb'],
    ['8192MB', 's-4vcpu-8gb'],
    ['16gb', 's-8vcpu-16gb'],
  ])('%s is %s: a slug as it is, memory as the cheapest basic size with just that', (written, slug) => {
    expect(slugOf(written)).toBe(slug)
  })

  it('says where a slug is to be had that the region lacks', () => {
    expect(() => slugOf('s-1vcpu-512mb-10gb', 'nyc3')).toThrow(
      expect.objectContaining({ code: 'bad-size', exitCode: 2, hint: expect.stringContaining('nyc1') }),
    )
  })

  it('names what is near where no size has the memory', () => {
    expect(() => slugOf('512mb', 'nyc3')).toThrow(
      expect.objectContaining({
        code: 'bad-size',
        hint: expect.stringContaining('s-1vcpu-1gb (1gb, 1 vCPU'),
      }),
    )
    expect(() => slugOf('3gb')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('s-1vcpu-2gb') }),
    )
  })

  it.each(['96gb', 'giant', 's-20vcpu-96gb'])('%s is not on sale', written => {
    expect(() => slugOf(written)).toThrow(expect.objectContaining({ code: 'bad-size' }))
  })

  it('is never one with a GPU, which no list by tag would show', () => {
    expect(() => slugOf('gpu-h100x1-80gb')).toThrow(expect.objectContaining({ code: 'bad-size' }))
  })

  it('is told with what it costs', () => {
    expect(describeSize(resolveSize('512mb', 'sgp1', sizes))).toBe(
      's-1vcpu-512mb-10gb (512mb, 1 vCPU, 10 GB disk, $4 a month)',
    )
  })
})
