import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { shortenLogin } from '../../../src/hosts/ssh/shortcuts.ts'
import { command } from '../../../src/remote/command.ts'
import { sshHostsFor } from '../../support/ssh-hosts.ts'
import { hasSshd, newKeyPair, Sshd } from '../../support/sshd.ts'

describe.skipIf(!hasSshd)('a login with a key file', () => {
  let sshd: Sshd
  beforeEach(async () => {
    sshd = await Sshd.start({ config: ['LogLevel DEBUG1'] })
  })
  afterEach(() => sshd.stop())

  async function loginWith(type: string, accepted: string[], home: Record<string, string> = {}) {
    const pair = newKeyPair('', type)
    const privateKey = join(sshd.folder, `id of ${type}`)
    await writeFile(privateKey, pair.privateKey, { mode: 0o600 })
    await writeFile(join(sshd.folder, 'authorized_keys'), [pair.publicKey, ...accepted].join('\n'))
    const hosts = sshHostsFor(sshd, { privateKey, ...home })
    try {
      return await hosts.host(sshd.address('node1')).run(command('echo', 'hello'))
    } finally {
      hosts.close()
    }
  }

  it.each(['ed25519', 'ecdsa', 'rsa'])(
    'of type %s sends the signature at once, without asking first',
    async type => {
      expect(await loginWith(type, [])).toMatchObject({ stdout: 'hello\n' })
      expect(sshd.logins).toBe(1)
      expect(sshd.log).toContain('method publickey')
      expect(sshd.log).not.toContain('method none')
      expect(sshd.log).not.toContain('Postponed publickey')
    },
  )

  it('does not ask the host to prove its other keys', async () => {
    await loginWith('ed25519', [])
    expect(sshd.log).toContain('method publickey')
    expect(sshd.log).not.toContain('hostkeys-prove')
  })

  it('continues with the next key if the first is rejected', async () => {
    const folder = join(sshd.folder, 'home', '.ssh')
    const { mkdir } = await import('node:fs/promises')
    await mkdir(folder, { recursive: true })
    const second = newKeyPair('', 'rsa')
    await writeFile(join(folder, 'id_ed25519'), newKeyPair().privateKey, { mode: 0o600 })
    await writeFile(join(folder, 'id_rsa'), second.privateKey, { mode: 0o600 })
    await writeFile(join(sshd.folder, 'authorized_keys'), second.publicKey)
    const hosts = sshHostsFor(sshd, { privateKey: undefined })
    try {
      expect(await hosts.host(sshd.address('node1')).run(command('echo', 'hello'))).toMatchObject({ code: 0 })
    } finally {
      hosts.close()
    }
  })
})

describe('if ssh2 lacks a function that Belt wraps', () => {
  const method = () => ({ type: 'publickey' as const, username: 'root', key: newKeyPair().privateKey })

  it.each([
    ['there is no protocol object', {}],
    ['it has other methods', { _protocol: {} }],
    ['it has other handlers', { _protocol: { service() {}, _handlers: {} } }],
  ])('%s: the login is unchanged', (_what, parts) => {
    const before = JSON.stringify(parts)
    shortenLogin(Object.assign(new ssh2.Client(), parts), method())
    expect(JSON.stringify(parts)).toBe(before)
  })
})
