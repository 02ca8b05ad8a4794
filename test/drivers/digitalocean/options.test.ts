import { describe, expect, it } from 'vitest'
import { digitaloceanOptions } from '../../../src/drivers/digitalocean/options.ts'

const problems = (options: object) =>
  digitaloceanOptions.safeParse(options).error?.issues.map(({ message }) => message) ?? []

describe('the options of the DigitalOcean driver', () => {
  it('need not be given', () => {
    expect(digitaloceanOptions.parse({})).toMatchObject({
      api_url: 'https://api.digitalocean.com',
      image: 'ubuntu-24-04-x64',
      ssh_user: 'root',
      firewall: false,
    })
  })

  it('are those of the book', () => {
    expect(
      problems({ region: 'sgp1', image: 'mine', ssh_user: 'root', ssh_key_fingerprint: 816630 }),
    ).toEqual([])
  })

  it('send the token nowhere in the clear', () => {
    expect(problems({ api_url: 'http://api.example.com' })).toEqual([expect.stringContaining('https://')])
    expect(problems({ api_url: 'http://127.0.0.1:8080' })).toEqual([])
  })

  it('refuse what DigitalOcean would drop without a word, or refuse', () => {
    expect(problems({ user_data: '#!/bin/sh\necho ü' })).toEqual([expect.stringContaining('ASCII')])
    expect(problems({ user_data: 'x'.repeat(65_537) })).toEqual([expect.stringContaining('64 KiB')])
    expect(problems({ tags: ['no spaces'] })).toEqual([expect.stringContaining('letters')])
    expect(problems({ vpc_uuid: 'mine' })).toHaveLength(1)
    expect(problems({ regoin: 'sgp1' })).toHaveLength(1)
  })
})
