import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HostError } from '../../../src/hosts/errors.ts'
import { failedOf, fanOut } from '../../../src/hosts/fan-out.ts'
import type { HostAddress } from '../../../src/hosts/host.ts'
import { KnownHosts } from '../../../src/hosts/known-hosts/known-hosts.ts'
import type { SshOptions } from '../../../src/hosts/ssh/options.ts'
import type { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { command } from '../../../src/remote/command.ts'
import { SshAgent } from '../../support/ssh-agent.ts'
import { sshHostsFor } from '../../support/ssh-hosts.ts'
import { freePort, hasSshd, newKeyPair, Sshd } from '../../support/sshd.ts'

const hello = command('echo', 'hello')

describe.skipIf(!hasSshd)('a connection', () => {
  let sshd: Sshd
  const toClose: (() => unknown)[] = []
  beforeEach(async () => {
    sshd = await Sshd.start()
  })
  afterEach(async () => {
    for (const close of toClose.splice(0).reverse()) await close()
    await sshd.stop()
  })

  function connecting(more: Partial<SshOptions> = {}): SshHosts {
    const hosts = sshHostsFor(sshd, more)
    toClose.push(() => hosts.close())
    return hosts
  }

  function failure(address: HostAddress, more: Partial<SshOptions> = {}): Promise<HostError> {
    return connecting(more)
      .host(address)
      .run(hello)
      .then(
        () => Promise.reject(new Error('it was reached')),
        (error: HostError) => error,
      )
  }

  async function listen(onConnection: (socket: Socket) => void): Promise<number> {
    const server: Server = createServer(socket => onConnection(socket.on('error', () => {})))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const sockets = new Set<Socket>()
    server.on('connection', socket => sockets.add(socket))
    toClose.push(() => {
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => server.close(resolve))
    })
    return (server.address() as { port: number }).port
  }

  async function agentWith(others: number): Promise<SshAgent> {
    const agent = await SshAgent.start(join(sshd.folder, 'agent'))
    toClose.push(() => agent.stop())
    for (let count = 0; count < others; count++) agent.add(newKeyPair().privateKey)
    return agent
  }

  describe('that fails reports the cause, the host and a hint:', () => {
    it('refused', async () => {
      const port = await freePort()
      expect(await failure(sshd.address('node1', { port }))).toMatchObject({
        failure: 'refused',
        code: 'host-refused',
        host: 'node1',
        message: `cannot reach node1 (${userInfo().username}@127.0.0.1:${port}): connection refused`,
        hint: expect.stringContaining(`port ${port}`),
      })
    })

    it('a name without an address', async () => {
      expect(await failure(sshd.address('node1', { address: 'no-such-host.invalid' }))).toMatchObject({
        failure: 'unresolved',
        message: expect.stringContaining('cannot resolve no-such-host.invalid'),
      })
    })

    it('no answer', async () => {
      const port = await listen(() => {})
      expect(await failure(sshd.address('node1', { port }), { connectTimeoutMs: 300 })).toMatchObject({
        failure: 'unreachable',
        message: expect.stringContaining('connected, but the SSH handshake did not finish within 0.3 s'),
      })
    })

    it.each([
      ['a line and then nothing', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'unreachable'],
      ['an endless line', 'x'.repeat(100_000), 'protocol'],
      ['another version', 'SSH-1.5-old\r\n', 'protocol'],
    ])('garbage: %s', async (_what, garbage, kind) => {
      const port = await listen(socket => void socket.write(garbage))
      const address = sshd.address('node1', { port })
      expect(await failure(address, { connectTimeoutMs: 500 })).toMatchObject({
        failure: kind,
        hint: expect.stringContaining(String(port)),
      })
    })

    it.each([
      ['before the greeting', (socket: Socket) => void socket.end()],
      ['after the greeting', (socket: Socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
      ['with a reset', (socket: Socket) => void socket.resetAndDestroy()],
    ])('a hang-up %s', async (_when, onConnection) => {
      const port = await listen(onConnection)
      expect(await failure(sshd.address('node1', { port }))).toMatchObject({
        failure: 'reset',
        host: 'node1',
      })
    })

    it('a rejected key, at once, with the keys that were tried', async () => {
      const privateKey = join(sshd.folder, 'wrong')
      await writeFile(privateKey, newKeyPair().privateKey, { mode: 0o600 })
      expect(await failure(sshd.address('node1'), { privateKey })).toMatchObject({
        failure: 'auth',
        message: expect.stringContaining(`login refused; tried ${privateKey}`),
        hint: expect.stringContaining('ssh-copy-id'),
      })
    })

    it('more keys than the host allows', async () => {
      const strict = await Sshd.start({ config: ['MaxAuthTries 3'] })
      toClose.push(() => strict.stop())
      const agent = await agentWith(8)
      const keys = { privateKey: undefined, agentSocket: agent.socket }
      expect(await failure(strict.address('node1'), keys)).toMatchObject({
        failure: 'auth',
        message: expect.stringContaining('it hung up after several keys; offered 8 keys from the agent'),
        hint: expect.stringContaining('ssh.private_key'),
      })
    })

    it('another key that it asks for', async () => {
      const strict = await Sshd.start({ config: ['AuthenticationMethods publickey,publickey'] })
      toClose.push(() => strict.stop())
      expect(await failure(strict.address('node1'), { privateKey: strict.privateKey })).toMatchObject({
        failure: 'auth',
        message: expect.stringContaining('it accepted a key and also asks for another key'),
        hint: expect.stringContaining('AuthenticationMethods'),
      })
    })

    it('no key at all', async () => {
      expect(await failure(sshd.address('node1'), { privateKey: undefined })).toMatchObject({
        failure: 'auth',
        message: expect.stringContaining('tried no key'),
      })
    })

    it('an encrypted key without a terminal', async () => {
      const privateKey = join(sshd.folder, 'locked')
      await writeFile(privateKey, newKeyPair('secret').privateKey, { mode: 0o600 })
      expect(await failure(sshd.address('node1'), { privateKey })).toMatchObject({ code: 'key-encrypted' })
    })

    it('the last cause, if the deadline of the command passes first', async () => {
      const hosts = connecting()
      const fresh = hosts.host(sshd.address('node1', { port: await freePort(), fresh: true }))
      await expect(fresh.run(hello, { timeoutMs: 400 })).rejects.toMatchObject({
        failure: 'refused',
        message: expect.stringMatching(/^could not connect to node1 within 0.4 s: .*connection refused$/),
      })
    })
  })

  describe('logs in', () => {
    it('with a key that is decrypted on the terminal, asking once for all hosts', async () => {
      const pair = newKeyPair('secret')
      const privateKey = join(sshd.folder, 'locked')
      await writeFile(privateKey, pair.privateKey, { mode: 0o600 })
      await writeFile(join(sshd.folder, 'authorized_keys'), `${pair.publicKey}\n`)
      let asked = 0
      const askPassphrase = async () => {
        asked++
        return 'secret'
      }
      const hosts = connecting({ privateKey, askPassphrase })
      const answers = await fanOut([{ name: 'node1' }, { name: 'node2' }], ({ name }) =>
        hosts.host(sshd.address(name)).run(hello),
      )
      expect(answers.map(({ ok }) => ok)).toEqual([true, true])
      expect(asked).toBe(1)
    })

    it('with the key of many in the agent that has its public half in ~/.ssh', async () => {
      const strict = await Sshd.start({ config: ['MaxAuthTries 3'] })
      toClose.push(() => strict.stop())
      const agent = await agentWith(7)
      agent.add(await readFile(strict.privateKey, 'utf8'))
      const homeDirectory = join(sshd.folder, 'home')
      await mkdir(join(homeDirectory, '.ssh'), { recursive: true })
      await writeFile(join(homeDirectory, '.ssh', 'id_fleet.pub'), strict.publicKey)
      const hosts = connecting({ privateKey: undefined, agentSocket: agent.socket, homeDirectory })
      expect(await hosts.host(strict.address('node1')).run(hello)).toMatchObject({ stdout: 'hello\n' })
    })

    it('with two keys where a host asks for two', async () => {
      const strict = await Sshd.start({ config: ['AuthenticationMethods publickey,publickey'] })
      toClose.push(() => strict.stop())
      const folder = join(sshd.folder, 'home', '.ssh')
      await mkdir(folder, { recursive: true })
      const second = newKeyPair('', 'ecdsa')
      await writeFile(join(folder, 'id_ed25519'), await readFile(strict.privateKey), { mode: 0o600 })
      await writeFile(join(folder, 'id_ecdsa'), second.privateKey, { mode: 0o600 })
      await writeFile(join(strict.folder, 'authorized_keys'), `${strict.publicKey}\n${second.publicKey}\n`)
      const hosts = connecting({ privateKey: undefined })
      expect(await hosts.host(strict.address('node1')).run(hello)).toMatchObject({ stdout: 'hello\n' })
    })

    it('with the agent, even if its first key is rejected', async () => {
      const agent = await agentWith(1)
      agent.add(await readFile(sshd.privateKey, 'utf8'))
      const hosts = connecting({ privateKey: undefined, agentSocket: agent.socket })
      expect(await hosts.host(sshd.address('node1')).run(hello)).toMatchObject({ stdout: 'hello\n' })
    })
  })

  describe('to a fresh machine', () => {
    it('is retried until sshd listens', async () => {
      const late = await Sshd.prepare()
      toClose.push(() => late.stop())
      const retries: string[] = []
      const hosts = connecting({
        privateKey: late.privateKey,
        onRetry: (host, reason) => {
          retries.push(`${host}: ${reason}`)
          if (retries.length === 1) void late.start()
        },
      })
      const result = await hosts.host(late.address('node1', { fresh: true })).run(hello)
      expect(result.stdout).toBe('hello\n')
      expect(retries[0]).toMatch(/^node1: cannot reach node1 .*connection refused$/)
    })

    it('is retried until the key is authorised', async () => {
      const authorized = join(sshd.folder, 'authorized_keys')
      await writeFile(authorized, '')
      const hosts = connecting({ onRetry: () => void writeFile(authorized, `${sshd.publicKey}\n`) })
      const result = await hosts.host(sshd.address('node1', { fresh: true })).run(hello)
      expect(result.stdout).toBe('hello\n')
    })

    it('fails with the last cause and the time that it was retried', async () => {
      const address = sshd.address('node1', { port: await freePort(), fresh: true })
      expect(await failure(address, { freshTimeoutMs: 1_000 })).toMatchObject({
        failure: 'refused',
        message: expect.stringMatching(/connection refused \(retried for 1 s\)$/),
      })
    })

    it('stops at once when closed', async () => {
      const hosts: SshHosts = connecting({ onRetry: () => hosts.close() })
      const address = sshd.address('node1', { port: await freePort(), fresh: true })
      await expect(hosts.host(address).run(hello)).rejects.toMatchObject({ failure: 'closed', host: 'node1' })
    })
  })

  it('succeeds for many hosts whose sshd drops starts at random', async () => {
    const strict = await Sshd.start({ config: ['MaxStartups 5:30:50'] })
    toClose.push(() => strict.stop())
    const retries: string[] = []
    const hosts = connecting({
      privateKey: strict.privateKey,
      connectTimeoutMs: 60_000,
      onRetry: (host, reason) => retries.push(`${host}: ${reason}`),
    })
    const names = Array.from({ length: 40 }, (_, index) => ({ name: `node${index}` }))
    const answers = await fanOut(names, ({ name }) => hosts.host(strict.address(name)).run(hello))
    expect(failedOf(answers)).toEqual([])
    expect(retries.length).toBeGreaterThan(0)
    expect(retries.every(retry => retry.includes('it closed the connection before login'))).toBe(true)
  })

  describe('checks the host key', () => {
    const knownHosts = () => join(sshd.folder, 'known_hosts')

    it('and stores it under the name of the machine', async () => {
      await connecting().host(sshd.address('node1')).run(hello)
      const line = sshd.hostKey.publicKey.split(' ').slice(0, 2).join(' ').trim()
      expect(await readFile(knownHosts(), 'utf8')).toBe(`node1 ${line}\n`)
    })

    it('in a file that ssh itself can use', async () => {
      await connecting().host(sshd.address('node1')).run(hello)
      const options = [
        `UserKnownHostsFile=${knownHosts()}`,
        'HostKeyAlias=node1',
        'StrictHostKeyChecking=yes',
      ]
      const words = ['-F', 'none', '-i', sshd.privateKey, '-p', String(sshd.port)]
      const ssh = promisify(execFile)('ssh', [
        ...words,
        ...options.flatMap(option => ['-o', option]),
        '127.0.0.1',
        'true',
      ])
      await expect(ssh).resolves.toMatchObject({ stdout: '' })
    })

    it('and accepts a known key at another address', async () => {
      await connecting().host(sshd.address('node1')).run(hello)
      const moved = await Sshd.start({ hostKey: sshd.hostKey })
      toClose.push(() => moved.stop())
      const host = connecting({ privateKey: moved.privateKey }).host(moved.address('node1'))
      expect(await host.run(hello)).toMatchObject({ code: 0 })
    })

    it('and rejects a changed key, with both fingerprints, even for a fresh machine', async () => {
      await connecting().host(sshd.address('node1')).run(hello)
      const other = await Sshd.start()
      toClose.push(() => other.stop())
      const error = await failure(other.address('node1', { fresh: true }), { privateKey: other.privateKey })
      expect(error).toMatchObject({
        failure: 'host-key',
        host: 'node1',
        message: expect.stringMatching(/expected SHA256:\S{43} \(ssh-ed25519\), received SHA256:\S{43} \(/),
        hint: expect.stringContaining(`ssh-keygen -R node1 -f ${knownHosts()}`),
      })
      const { known, shown } = error.details as { known: string[]; shown: string }
      expect(known).toHaveLength(1)
      expect(known).not.toContain(shown)
    })

    it('and rejects an unknown key in strict mode', async () => {
      expect(await failure(sshd.address('node1'), { hostKeyChecking: 'strict' })).toMatchObject({
        failure: 'host-key',
        message: expect.stringMatching(/is unknown: SHA256:/),
        hint: expect.stringContaining(knownHosts()),
      })
      await expect(readFile(knownHosts())).rejects.toMatchObject({ code: 'ENOENT' })
    })

    const keyOf = (server: Sshd) => server.hostKey.publicKey.split(' ').slice(0, 2).join(' ').trim()

    it.each(['accept-new', 'strict'] as const)(
      'and refuses a revoked one with %s, and leaves the file unchanged',
      async hostKeyChecking => {
        const text = `@revoked * ${keyOf(sshd)}\nnode1 ${keyOf(sshd)}\n`
        await writeFile(knownHosts(), text)
        expect(await failure(sshd.address('node1'), { hostKeyChecking })).toMatchObject({
          failure: 'host-key',
          message: expect.stringContaining('the host key of node1 is revoked: SHA256:'),
        })
        expect(await readFile(knownHosts(), 'utf8')).toBe(text)
      },
    )

    it('and knows it by a pattern', async () => {
      await writeFile(knownHosts(), `NOD?1,!node11 ${keyOf(sshd)}\n`)
      const host = connecting({ hostKeyChecking: 'strict' }).host(sshd.address('node1'))
      expect(await host.run(hello)).toMatchObject({ code: 0 })
    })

    it('and names the line of a pattern that has another key', async () => {
      await writeFile(knownHosts(), `# mine\nno* ${newKeyPair().publicKey}\n`)
      expect(await failure(sshd.address('node1'))).toMatchObject({
        failure: 'host-key',
        message: expect.stringContaining('has changed'),
        hint: expect.stringContaining(`change line 2 of ${knownHosts()}`),
      })
    })

    it('and refuses one that only an authority vouches for, with what to do', async () => {
      const text = `@cert-authority node* ${newKeyPair().publicKey}\n`
      await writeFile(knownHosts(), text)
      expect(await failure(sshd.address('node1'))).toMatchObject({
        failure: 'host-key',
        message: expect.stringContaining('certificates of host keys are not supported'),
        hint: expect.stringContaining('ssh.client: openssh'),
      })
      expect(await readFile(knownHosts(), 'utf8')).toBe(text)
    })

    it('and prefers the known type if a host has several keys', async () => {
      const several = await Sshd.start({ ecdsa: true })
      toClose.push(() => several.stop())
      await writeFile(knownHosts(), `node1 ${several.ecdsaHostKey?.publicKey}\n`)
      const host = connecting({ privateKey: several.privateKey }).host(several.address('node1'))
      expect(await host.run(hello)).toMatchObject({ code: 0 })
    })

    it('and reports that it cannot store the key', async () => {
      await writeFile(join(sshd.folder, 'blocked'), '')
      const blocked = new KnownHosts(join(sshd.folder, 'blocked', 'known_hosts'))
      expect(await failure(sshd.address('node1'), { knownHosts: blocked })).toMatchObject({
        code: 'known-hosts',
      })
    })
  })
})
