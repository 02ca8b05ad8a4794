import { describe, expect, it, onTestFinished } from 'vitest'
import { algorithmsFor } from '../../../src/hosts/ssh/algorithms.ts'
import { command } from '../../../src/remote/command.ts'
import { sshHostsFor } from '../../support/ssh-hosts.ts'
import { hasSshd, newKeyPair, Sshd, type SshdOptions } from '../../support/sshd.ts'

describe('the algorithms offered to a host', () => {
  it('are reordered, but never fewer than ssh2 offers', () => {
    for (const list of Object.values(algorithmsFor([]))) {
      const { remove, prepend } = list as { remove: string[]; prepend: string[] }
      expect(prepend).toEqual(remove)
      expect(prepend.length).toBeGreaterThan(0)
    }
  })

  it('start with the types of the known keys', () => {
    const { serverHostKey } = algorithmsFor([{ type: 'ssh-rsa', key: 'AAAA' }])
    expect(serverHostKey).toMatchObject({
      prepend: ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa', 'ssh-ed25519'],
    })
  })
})

describe.skipIf(!hasSshd)('connects to a host that only supports', () => {
  const only = (...config: string[]): SshdOptions => ({ config })
  it.each([
    ['curve25519', only('KexAlgorithms curve25519-sha256')],
    ['nistp256', only('KexAlgorithms ecdh-sha2-nistp256')],
    ['a Diffie-Hellman group', only('KexAlgorithms diffie-hellman-group14-sha256')],
    ['ciphers without GCM, as dropbear', only('Ciphers chacha20-poly1305@openssh.com,aes128-ctr')],
    ['counter mode and a separate MAC', only('Ciphers aes256-ctr', 'MACs hmac-sha2-256')],
    ['an RSA host key', { hostKey: newKeyPair('', 'rsa') }],
    ['an ECDSA host key', { hostKey: newKeyPair('', 'ecdsa') }],
  ])('%s', async (_what, options) => {
    const sshd = await Sshd.start(options)
    onTestFinished(() => sshd.stop())
    const hosts = sshHostsFor(sshd)
    onTestFinished(() => hosts.close())
    const result = await hosts.host(sshd.address('node1')).run(command('echo', 'hello'))
    expect(result).toMatchObject({ code: 0, stdout: 'hello\n' })
  })

  it.each([
    ['key exchange', 'KexAlgorithms', 'sntrup761x25519-sha512@openssh.com'],
    ['MAC', 'MACs', 'umac-128-etm@openssh.com'],
  ])(
    'reports that there is no common %s, with what the host offers, without a retry',
    async (kind, key, only) => {
      const sshd = await Sshd.start({ config: [`${key} ${only}`, 'Ciphers aes256-ctr'] })
      onTestFinished(() => sshd.stop())
      const retries: string[] = []
      const hosts = sshHostsFor(sshd, { onRetry: host => retries.push(host) })
      onTestFinished(() => hosts.close())
      await expect(hosts.host(sshd.address('node1')).run(command('true'))).rejects.toMatchObject({
        failure: 'protocol',
        message: expect.stringContaining(`no common ${kind}: it offers ${only}`),
        hint: expect.stringContaining('ssh.client: openssh'),
      })
      expect(retries).toEqual([])
    },
  )
})
