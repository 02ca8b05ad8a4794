import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import ssh2, { type ParsedKey } from 'ssh2'
import keys from 'ssh2/lib/protocol/keyParser.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { KnownHosts } from '../../../src/hosts/known-hosts/known-hosts.ts'
import { SSH_DEFAULTS } from '../../../src/hosts/ssh/options.ts'
import { readKeyFile } from '../../../src/hosts/ssh/private-key.ts'
import { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { command } from '../../../src/remote/command.ts'
import { newKeyPair } from '../../support/sshd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('the signature of a host', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'])('of an %s key is told from any other', async type => {
    const key = await keyOf(type)
    const data = randomBytes(64)
    const digest = type === 'rsa' ? 'sha512' : undefined
    const signature = key.sign(data, digest) as Buffer
    const shown = shownKey(key)
    expect(shown.verify(data, signature, digest)).toBe(true)
    expect(shown.verify(randomBytes(64), signature, digest)).toBe(false)
    expect(shown.verify(data, (await keyOf(type)).sign(data, digest) as Buffer, digest)).toBe(false)
  })

  it('of an ed25519 key is checked without reading the key as text, and a key of another length is none', async () => {
    const key = await keyOf('ed25519')
    expect(shownKey(key)).not.toHaveProperty('getPublicPEM')
    expect(keys.parseDERKey?.(Buffer.alloc(12), 'ssh-ed25519')).toBeInstanceOf(Error)
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

/** As ssh2 reads what a host shows: the name of the key's type is read already. */
function shownKey(key: ParsedKey) {
  const wire = key.getPublicSSH()
  const shown = keys.parseDERKey?.(wire.subarray(4 + wire.readUInt32BE(0)), key.type)
  if (!shown || shown instanceof Error) throw shown
  return shown
}
