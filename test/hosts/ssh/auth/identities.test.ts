import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Agent } from '../../../../src/hosts/ssh/auth/agent.ts'
import { loadIdentities } from '../../../../src/hosts/ssh/auth/identities.ts'
import { publicKeys } from '../../../../src/hosts/ssh/auth/public-keys.ts'
import { SshAgent } from '../../../support/ssh-agent.ts'
import { hasSshd, type KeyPair, newKeyPair } from '../../../support/sshd.ts'

describe('keys to log in with', () => {
  let homeDirectory: string
  const inHome = (name: string) => join(homeDirectory, '.ssh', name)
  beforeEach(async () => {
    homeDirectory = await mkdtemp(join(tmpdir(), 'belt-home-'))
    await mkdir(inHome(''))
  })
  afterEach(() => rm(homeDirectory, { recursive: true, force: true }))

  async function save(name: string, pair: KeyPair): Promise<string> {
    await writeFile(inHome(name), pair.privateKey, { mode: 0o600 })
    await writeFile(inHome(`${name}.pub`), `${pair.publicKey}\n`)
    return inHome(name)
  }

  describe('from the home folder', () => {
    it("are tried in OpenSSH's order if they exist", async () => {
      await save('id_rsa', newKeyPair())
      await save('id_ed25519', newKeyPair())
      const { methods, described } = await loadIdentities({ homeDirectory })
      expect(described).toBe(`${inHome('id_ed25519')}, ${inHome('id_rsa')}`)
      expect(methods('root').map(({ type, username }) => [type, username])).toEqual([
        ['publickey', 'root'],
        ['publickey', 'root'],
      ])
    })

    it('are skipped, with the reason, if they cannot be used', async () => {
      await writeFile(inHome('id_rsa'), 'no key')
      const { methods, described } = await loadIdentities({ homeDirectory })
      expect(methods('root')).toEqual([])
      expect(described).toContain('no key (skipped: ')
      expect(described).toContain(`${inHome('id_rsa')} is not a usable private key`)
    })

    it('are reported as encrypted, with a hint, if no other key is usable and there is no terminal', async () => {
      const path = await save('id_ed25519', newKeyPair('secret'))
      await expect(loadIdentities({ homeDirectory })).rejects.toMatchObject({
        code: 'key-encrypted',
        exitCode: 3,
        message: expect.stringContaining(path),
        hint: expect.stringContaining(`ssh-add ${path}`),
      })
    })

    it('are decrypted on a terminal if nothing else is usable', async () => {
      const path = await save('id_ed25519', newKeyPair('secret'))
      const asked: string[] = []
      const askPassphrase = async (asking: string) => {
        asked.push(asking)
        return 'secret'
      }
      const { methods } = await loadIdentities({ homeDirectory, askPassphrase })
      expect(methods('root')).toHaveLength(1)
      expect(asked).toEqual([path])
    })

    it('need no passphrase while another key is usable', async () => {
      await save('id_ed25519', newKeyPair('secret'))
      await save('id_ecdsa', newKeyPair())
      const askPassphrase = () => Promise.reject(new Error('asked'))
      const { described } = await loadIdentities({ homeDirectory, askPassphrase })
      expect(described).toBe(`${inHome('id_ecdsa')} (skipped: ${inHome('id_ed25519')} is encrypted)`)
    })
  })

  describe('from the config', () => {
    it('are the only key that is used', async () => {
      await save('id_ed25519', newKeyPair())
      const privateKey = await save('other', newKeyPair())
      const { described } = await loadIdentities({ homeDirectory, privateKey })
      expect(described).toBe(privateKey)
    })

    it('are decrypted with up to three attempts', async () => {
      const privateKey = await save('other', newKeyPair('secret'))
      const answers = ['wrong', '', 'secret']
      const askPassphrase = async () => answers.shift() ?? 'no more'
      expect(
        (await loadIdentities({ homeDirectory, privateKey, askPassphrase })).methods('root'),
      ).toHaveLength(1)
      await expect(loadIdentities({ homeDirectory, privateKey, askPassphrase })).rejects.toMatchObject({
        code: 'key-passphrase',
        exitCode: 3,
      })
    })

    it.each(['RFC4716', 'PEM'])('are recognised as encrypted in the format %s', async format => {
      const privateKey = inHome('other')
      const words = ['-q', '-t', 'ecdsa', '-m', format, '-N', 'secret', '-f', privateKey]
      execFileSync('ssh-keygen', words)
      await expect(loadIdentities({ homeDirectory, privateKey })).rejects.toMatchObject({
        code: 'key-encrypted',
      })
      const askPassphrase = async () => 'secret'
      expect((await loadIdentities({ homeDirectory, privateKey, askPassphrase })).described).toBe(privateKey)
    })

    it.each([
      ['RSA', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], 'ssh-rsa'],
      ['EC', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'ecdsa-sha2-nistp256'],
    ])('is read in PKCS #8, also encrypted: %s', async (_what, words, type) => {
      const [plain, locked] = [inHome('plain'), inHome('locked')]
      execFileSync('openssl', ['genpkey', ...words, '-out', plain], { stdio: 'ignore' })
      execFileSync('openssl', ['pkcs8', '-topk8', '-in', plain, '-out', locked, '-passout', 'pass:secret'])
      expect((await loadIdentities({ homeDirectory, privateKey: plain })).count).toBe(1)
      const options = { homeDirectory, privateKey: locked }
      await expect(loadIdentities(options)).rejects.toMatchObject({ code: 'key-encrypted' })
      const answers = ['wrong', 'secret']
      const askPassphrase = async () => answers.shift() ?? ''
      const [method] = (await loadIdentities({ ...options, askPassphrase })).methods('root')
      expect(method).toMatchObject({ type: 'publickey', key: { type } })
    })

    it('may have a certificate beside it, which is named', async () => {
      const privateKey = await certified(await save('other', newKeyPair()))
      const { described, opensshHasMore } = await loadIdentities({ homeDirectory, privateKey })
      const note = `the certificate ${privateKey}-cert.pub is not supported`
      expect(described).toBe(`${privateKey} (skipped: ${note})`)
      expect(opensshHasMore).toBe(true)
    })

    it.each([
      ['missing', 'key-unreadable', async () => {}],
      ['a folder', 'key-unreadable', (path: string) => mkdir(path)],
      ['another file', 'key-invalid', (path: string) => writeFile(path, 'hello')],
      ['a public key', 'key-invalid', (path: string) => writeFile(path, newKeyPair().publicKey)],
      ['a pipe', 'key-unreadable', async (path: string) => void execFileSync('mkfifo', [path])],
      ['encrypted', 'key-encrypted', (path: string) => writeFile(path, newKeyPair('secret').privateKey)],
    ])('and %s: an error that names the file, before anything is done', async (_what, code, prepare) => {
      const privateKey = inHome('configured')
      await prepare(privateKey)
      await expect(loadIdentities({ homeDirectory, privateKey })).rejects.toMatchObject({
        code,
        exitCode: 3,
        message: expect.stringContaining(privateKey),
        hint: expect.any(String),
      })
    })
  })

  describe.skipIf(!hasSshd)('from an agent', () => {
    async function startAgent(): Promise<SshAgent> {
      const agent = await SshAgent.start(join(homeDirectory, 'agent'))
      onTestFinished(() => agent.stop())
      return agent
    }

    it('are tried first, then the default keys', async () => {
      const agent = await startAgent()
      agent.add(newKeyPair().privateKey)
      agent.add(newKeyPair().privateKey)
      await save('id_ed25519', newKeyPair())
      const { methods, described } = await loadIdentities({ homeDirectory, agentSocket: agent.socket })
      expect(described).toBe(`2 keys from the agent, ${inHome('id_ed25519')}`)
      expect(methods('root').map(({ type }) => type)).toEqual(['agent', 'publickey'])
    })

    /** Encrypts a key that was loaded before: the agent holds it, and its file needs a passphrase. */
    function lock(path: string): string {
      execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-a', '4', '-f', path])
      return path
    }

    it.each(['with', 'without'])('replace a configured key that is encrypted, %s a .pub file', async pub => {
      const agent = await startAgent()
      const pair = newKeyPair()
      agent.add(newKeyPair().privateKey)
      agent.add(pair.privateKey)
      const privateKey = lock(await save('other', pair))
      if (pub === 'without') await rm(`${privateKey}.pub`)
      const { described } = await loadIdentities({ homeDirectory, privateKey, agentSocket: agent.socket })
      expect(described).toBe(`${privateKey} from the agent`)
    })

    it('replace an encrypted default key without a .pub file', async () => {
      const agent = await startAgent()
      const pair = newKeyPair()
      agent.add(pair.privateKey)
      await rm(`${lock(await save('id_ed25519', pair))}.pub`)
      const { described } = await loadIdentities({ homeDirectory, agentSocket: agent.socket })
      expect(described).toBe('1 key from the agent')
    })

    it.each([
      ['a public key', 'other.pub'],
      ['a missing file beside a public key', 'other'],
    ])('are selected by %s', async (_what, name) => {
      const agent = await startAgent()
      const pair = newKeyPair()
      agent.add(newKeyPair().privateKey)
      agent.add(pair.privateKey)
      await rm(await save('other', pair))
      const privateKey = inHome(name)
      const options = { homeDirectory, privateKey, agentSocket: agent.socket }
      const { methods, count } = await loadIdentities(options)
      expect(methods('root').map(({ type }) => type)).toEqual(['agent'])
      expect(count).toBe(1)
      expect((await publicKeys(options)).map(withoutComment)).toEqual([withoutComment(pair.publicKey)])
    })

    it('do not stand in for a public key that they do not hold, and the private key beside it does', async () => {
      const agent = await startAgent()
      const path = await save('other', newKeyPair())
      const options = { homeDirectory, privateKey: `${path}.pub`, agentSocket: agent.socket }
      expect((await loadIdentities(options)).described).toBe(path)
      await rm(path)
      await expect(loadIdentities(options)).rejects.toMatchObject({
        code: 'key-invalid',
        message: expect.stringContaining('no SSH agent holds its private key'),
        hint: expect.stringContaining('ssh-add'),
      })
    })

    it('are tried in the order of the public keys in the home folder, then the others', async () => {
      const agent = await startAgent()
      const pairs = Array.from({ length: 4 }, () => newKeyPair())
      for (const { privateKey } of pairs) agent.add(privateKey)
      await writeFile(inHome('id_work.pub'), `${pairs[3]?.publicKey}\n`)
      const { methods } = await loadIdentities({ homeDirectory, agentSocket: agent.socket })
      const [method] = methods('root') as { agent?: Agent }[]
      const offered = method?.agent?.keys.map(key => key.getPublicSSH().toString('base64'))
      const expected = [3, 0, 1, 2].map(at => pairs[at]?.publicKey.split(' ')[1])
      expect(offered).toEqual(expected)
    })

    it('are left out, and named, when they are certificates', async () => {
      const agent = await startAgent()
      const path = await certified(await save('id_ed25519', newKeyPair()))
      execFileSync('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: agent.socket } })
      const identities = await loadIdentities({ homeDirectory, agentSocket: agent.socket })
      expect(identities.described).toContain('a certificate of the agent is not supported')
      expect(identities.described).toContain(`the certificate ${path}-cert.pub is not supported`)
      expect(identities.opensshHasMore).toBe(true)
    })

    it('are none when the agent does not answer, and nothing waits for it', async () => {
      const socket = join(homeDirectory, 'garbage')
      const server = createServer(client => client.on('error', () => {}).end('garbage'))
      await new Promise<void>(resolve => server.listen(socket, resolve))
      onTestFinished(() => void server.close())
      expect((await loadIdentities({ homeDirectory, agentSocket: socket })).described).toBe('no key')
    })

    it('are empty if the agent is gone', async () => {
      const agentSocket = join(homeDirectory, 'gone')
      const { described } = await loadIdentities({ homeDirectory, agentSocket })
      expect(described).toBe('no key')
    })

    it('are authorised on new machines before the default keys, without duplicates', async () => {
      const agent = await startAgent()
      const [first, second] = [newKeyPair(), newKeyPair()]
      agent.add(first.privateKey)
      await save('id_ed25519', first)
      await save('id_ecdsa', second)
      const lines = await publicKeys({ homeDirectory, agentSocket: agent.socket })
      expect(lines.map(withoutComment)).toEqual([first, second].map(pair => withoutComment(pair.publicKey)))
    })
  })

  describe('to authorise on new machines', () => {
    it('are only the configured key', async () => {
      await save('id_ed25519', newKeyPair())
      const pair = newKeyPair()
      const privateKey = await save('other', pair)
      expect((await publicKeys({ homeDirectory, privateKey })).map(withoutComment)).toEqual([
        withoutComment(pair.publicKey),
      ])
    })

    it('need no passphrase if the .pub file exists', async () => {
      const pair = newKeyPair('secret')
      const privateKey = await save('other', pair)
      expect((await publicKeys({ homeDirectory, privateKey })).map(withoutComment)).toEqual([
        withoutComment(pair.publicKey),
      ])
    })

    it('need the passphrase if there is no .pub file', async () => {
      await expect(publicKeys({ homeDirectory })).rejects.toMatchObject({
        code: 'no-public-key',
        exitCode: 3,
        hint: 'Create one: ssh-keygen -t ed25519',
      })
    })
  })
})

/** Signs a key with an authority of its own. */
async function certified(path: string): Promise<string> {
  const authority = `${path}-authority`
  await writeFile(authority, newKeyPair().privateKey, { mode: 0o600 })
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'test', '-n', 'root', `${path}.pub`])
  return path
}

function withoutComment(line: string): string {
  return line.split(' ').slice(0, 2).join(' ')
}
