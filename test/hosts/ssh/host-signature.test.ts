import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import ssh2, { type ParsedKey } from 'ssh2'
import { describe, expect, it, onTestFinished } from 'vitest'
import { KnownHosts } from '../../../src/hosts/known-hosts.ts'
import { quickenHostSignatures } from '../../../src/hosts/ssh/host-signature.ts'
import { SSH_DEFAULTS } from '../../../src/hosts/ssh/options.ts'
import { readKeyFile } from '../../../src/hosts/ssh/private-key.ts'
import { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { command } from '../../../src/remote/command.ts'
import { newKeyPair } from '../../support/sshd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('the signature of a host', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'])('of an %s key is told from any other', async type => {
    quickenHostSignatures()
    const key = await keyOf(type)
    const data = randomBytes(64)
    const signature = key.sign(data, type === 'rsa' ? 'sha512' : undefined) as Buffer
    const digest = type === 'rsa' ? 'sha512' : undefined
    expect(key.verify(data, signature, digest)).toBe(true)
    expect(key.verify(randomBytes(64), signature, digest)).toBe(false)
    expect(key.verify(data, (await keyOf(type)).sign(data, digest) as Buffer, digest)).toBe(false)
  })

  it('is needed: who shows a known key and does not own it is refused', async () => {
    const key = await keyOf('ed25519')
    const impostor = new ssh2.Server({
      hostKeys: [{ key: Object.assign(key, { sign: () => randomBytes(64) }) }],
    })
    impostor.on('connection', (client: ssh2.Connection) => client.on('error', () => {}))
    const listener = createServer(socket => impostor.injectSocket(socket))
    await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void listener.close())
    const { port } = listener.address() as { port: number }
    const folder = await temporaryFolder({
      key: newKeyPair().privateKey,
      known_hosts: `node1 ssh-ed25519 ${key.getPublicSSH().toString('base64')}\n`,
    })
    const hosts = new SshHosts({
      ...SSH_DEFAULTS,
      homeDirectory: folder,
      privateKey: join(folder, 'key'),
      knownHosts: new KnownHosts(join(folder, 'known_hosts')),
    })
    onTestFinished(() => hosts.close())
    const address = { name: 'node1', address: '127.0.0.1', port, user: 'root', fresh: false }
    await expect(hosts.host(address).run(command('true'))).rejects.toMatchObject({
      failure: 'protocol',
      message: expect.stringContaining('signature verification failed'),
    })
  })
})

async function keyOf(type: string): Promise<ParsedKey> {
  const path = join(await temporaryFolder(), 'key')
  await writeFile(path, newKeyPair('', type).privateKey, { mode: 0o600 })
  const { key } = await readKeyFile(path)
  return key as ParsedKey
}
