import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isIsolated, isolateCommand, ownAddressCommand, parseOwnAddress } from '../../src/remote/addresses.ts'
import { commandLine } from '../../src/remote/command.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const IP = `case "$*" in *show*) echo 'default via 198.18.0.1 dev eth0';; *) echo "$*" >>"$LOG";; esac`

/** What `ip` is asked to do when a host is cut off by somebody at this address. */
async function cutOffBy(shell: string, client: string): Promise<string[]> {
  const folder = await temporaryFolder()
  const log = join(folder, 'log')
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin', 'ip'), `#!/bin/sh\n${IP}\n`, { mode: 0o755 })
  const PATH = `${join(folder, 'bin')}:${process.env.PATH}`
  execFileSync(shell, ['-c', commandLine(isolateCommand)], {
    env: { PATH, LOG: log, SSH_CONNECTION: `${client} 50000 198.18.0.2 22` },
    stdio: 'pipe',
  })
  return readFileSync(log, 'utf8').trim().split('\n')
}

describe.each(['dash', 'bash'])('isolating a host, in %s', shell => {
  it('replaces the default route with one that leads nowhere', async () => {
    expect(await cutOffBy(shell, '198.18.0.1')).toEqual([
      '-4 route flush default',
      '-4 route add default via 192.0.2.1 dev eth0 onlink',
    ])
  })

  it('keeps a route to an SSH client on another network', async () => {
    expect(await cutOffBy(shell, '203.0.113.7')).toEqual([
      '-4 route replace 203.0.113.7 via 198.18.0.1',
      '-4 route flush default',
      '-4 route add default via 192.0.2.1 dev eth0 onlink',
    ])
  })
})

it('an isolated host is recognised by its default route', () => {
  expect(isIsolated('default via 192.0.2.1 dev eth0 onlink \n')).toBe(true)
  expect(isIsolated('default via 198.18.0.1 dev eth0 \n')).toBe(false)
  expect(isIsolated('default via 192.0.2.1 dev eth0 onlink \ndefault via 198.18.0.1 dev eth1 \n')).toBe(false)
  expect(isIsolated('')).toBe(false)
})

describe('the own address of a host', () => {
  const ssh = (address: string) => `ssh 198.18.0.1 50000 ${address} 22\n`
  const route = '192.0.2.1 via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0 \n    cache \n'
  it.each([
    ['the one that SSH reached', ssh('198.18.0.2') + route, '198.18.0.2'],
    ['the same, through a socket for both families', ssh('::ffff:198.18.0.2'), '198.18.0.2'],
    ['that towards other networks, where SSH came over IPv6', ssh('2001:db8::2') + route, '10.0.0.5'],
    [
      'that towards other networks, where SSH came from the host itself',
      ssh('127.0.0.1') + route,
      '10.0.0.5',
    ],
    ['the IPv6 address, where there is no other', ssh('2001:db8::2'), '2001:db8::2'],
    ['unknown, where the host says nothing', 'ssh \n', undefined],
  ])('is %s', (_what, printed, address) => {
    expect(parseOwnAddress(printed)).toBe(address)
  })

  it.each(['dash', 'bash'])('is read in %s', shell => {
    const env = { PATH: process.env.PATH, SSH_CONNECTION: '198.18.0.1 50000 198.18.0.2 22' }
    const printed = execFileSync(shell, ['-c', commandLine(ownAddressCommand)], { env, encoding: 'utf8' })
    expect(parseOwnAddress(printed)).toBe('198.18.0.2')
  })
})
