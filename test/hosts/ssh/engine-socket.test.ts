import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Host } from '../../../src/hosts/host.ts'
import { KnownHosts } from '../../../src/hosts/known-hosts/known-hosts.ts'
import { SSH_DEFAULTS } from '../../../src/hosts/ssh/options.ts'
import { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { command } from '../../../src/remote/command.ts'
import { engineRequest, httpRequest, parseEngineResponse } from '../../../src/remote/engine.ts'
import { sayStarted } from '../../support/fake-ssh/say-started.ts'
import { newKeyPair } from '../../support/sshd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const REQUEST = engineRequest('GET', '/nodes')

/** What the engine does with a request on its socket; without it nothing leads there. */
type Engine = (channel: ServerChannel, request: string, client: Connection) => void

const answering: Engine = channel => {
  channel.write('HTTP/1.0 200 OK\r\n\r\n["by ')
  channel.end('socket"]')
}

interface Settings {
  readonly engine?: Engine
  /** Whether Docker's client would use the socket. */
  readonly isDefault?: boolean
}

/** A host with an engine, and the commands that it ran. */
async function start({ engine, isDefault = true }: Settings): Promise<{ host: Host; lines: string[] }> {
  const folder = await temporaryFolder()
  const key = join(folder, 'key')
  const { privateKey } = newKeyPair()
  await writeFile(key, privateKey, { mode: 0o600 })
  const lines: string[] = []
  const clients: Connection[] = []
  const serve = (client: Connection) => {
    clients.push(client.on('error', () => {}))
    client.on('authentication', login => login.accept())
    client.on('session', accept => {
      accept().on('exec', (begin, _reject, { command: line }) => {
        lines.push(line)
        const channel = begin()
        sayStarted(channel, line)
        if (line.includes('system dial-stdio')) channel.write('HTTP/1.0 200 OK\r\n\r\n["by client"]')
        channel.exit(line.includes('test -z') && !isDefault ? 1 : 0)
        channel.end()
      })
    })
    if (!engine) return
    client.on('openssh.streamlocal', (begin, _reject, { socketPath }) => {
      expect(socketPath).toBe('/var/run/docker.sock')
      const channel = begin()
      channel.on('error', () => {}).once('data', (data: Buffer) => engine(channel, String(data), client))
    })
  }
  const server = new ssh2.Server({ hostKeys: [privateKey], ident: 'OpenSSH_9.2' }, serve)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const hosts = new SshHosts({
    ...SSH_DEFAULTS,
    homeDirectory: folder,
    privateKey: key,
    knownHosts: new KnownHosts(join(folder, 'known_hosts')),
  })
  onTestFinished(() => {
    hosts.close()
    for (const client of clients) client.end()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const address = { name: 'node1', address: '127.0.0.1', port, user: 'root', fresh: false }
  return { host: hosts.host(address), lines }
}

async function ask(host: Host, options = {}): Promise<string | undefined> {
  return parseEngineResponse((await host.run(REQUEST, options)).stdout)?.body
}

const byClient = (lines: readonly string[]) =>
  lines.filter(line => line.includes('docker system dial-stdio')).length

describe('a request to an engine', () => {
  it('uses the socket if it is the default of Docker’s client, which is checked once', async () => {
    const asked: string[] = []
    const { host, lines } = await start({
      engine: (channel, request, client) => {
        asked.push(request)
        answering(channel, request, client)
      },
    })
    expect(await ask(host)).toBe('["by socket"]')
    expect(await Promise.all([ask(host), ask(host)])).toEqual(['["by socket"]', '["by socket"]'])
    expect(asked).toEqual(Array(3).fill(httpRequest(REQUEST.engine)))
    expect(lines).toEqual([expect.stringMatching(/; test -z "\$DOCKER_HOST\$DOCKER_CONTEXT\S+ && /)])
  })

  it('uses Docker’s client if the client may use another engine', async () => {
    const { host, lines } = await start({ engine: answering, isDefault: false })
    expect(await ask(host)).toBe('["by client"]')
    expect(await ask(host)).toBe('["by client"]')
    expect(byClient(lines)).toBe(2)
  })

  it('uses Docker’s client if the socket cannot be reached, which is tried once', async () => {
    const { host, lines } = await start({})
    expect(await ask(host)).toBe('["by client"]')
    expect(await ask(host)).toBe('["by client"]')
    expect(lines).toHaveLength(3)
  })

  it('is lost if the engine hangs up without an answer', async () => {
    const { host, lines } = await start({ engine: channel => channel.end() })
    await expect(ask(host)).rejects.toMatchObject({ failure: 'lost' })
    expect(byClient(lines)).toBe(0)
  })

  it('is lost with its connection, and is not sent a second time', async () => {
    const { host, lines } = await start({
      engine: (channel, _request, client) => channel.write('HTTP/1.0 200 OK\r\n\r\n["by', () => client.end()),
    })
    await expect(ask(host)).rejects.toMatchObject({ failure: 'lost' })
    expect(byClient(lines)).toBe(0)
  })

  it('fails at its deadline, and closes its connection to the engine', async () => {
    const gone = vi.fn()
    const { host } = await start({ engine: channel => channel.on('close', gone) })
    await expect(ask(host, { timeoutMs: 500 })).rejects.toMatchObject({ failure: 'timeout' })
    await vi.waitFor(() => expect(gone).toHaveBeenCalled())
  })

  it('has its answer truncated at the limit', async () => {
    const { host } = await start({ engine: answering })
    expect(await host.run(REQUEST, { maxOutputBytes: 8 })).toMatchObject({
      stdout: 'HTTP/1.0',
      truncated: true,
    })
  })

  it('is the only kind of command that uses the socket', async () => {
    const { host, lines } = await start({ engine: answering })
    await host.run(command('docker', 'ps'))
    expect(lines).toEqual([expect.stringContaining('exec docker ps')])
  })
})
