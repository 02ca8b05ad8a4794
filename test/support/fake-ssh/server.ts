import { createServer, type Server as NetServer, type Socket } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel } from 'ssh2'
import type { HostAddress } from '../../../src/hosts/host.ts'
import { readPrivateKeyFile } from '../../../src/hosts/ssh/auth/private-key.ts'
import { sayStarted } from './say-started.ts'

/**
 * What is wrong with a host: it takes connections and stays silent; it drops them before a word; it drops the first
 * one only; it answers a command late; it breaks when half of an output is sent.
 */
export type Fault = 'silent' | 'dropping' | 'dropping once' | 'slow' | 'breaking'

const LINES_OF_PIECE = 500

export interface FakeSshSettings {
  /** The path of the private key that every host has. */
  hostKey: string
  /** By the last digit of the host's address: 127.1.0.13 has the fault under 3. */
  faults?: Partial<Record<number, Fault>>
  slowMs?: number
}

/**
 * Any number of hosts in one process: it answers `echo WORDS` and `lines COUNT` at each address of 127.0.0.0/8, and takes
 * files, without a shell, and lets every key in.
 */
export class FakeSsh {
  readonly #settings: FakeSshSettings
  /** One for each way to answer; ssh2 tells of a connection only when it has greeted. */
  readonly #servers = new Map<Fault | undefined, ssh2.Server>()
  readonly #listener: NetServer
  readonly #dropped = new Set<string>()
  readonly #sockets = new Set<Socket>()
  commands = 0
  /** How many TCP connections were made to it. */
  connections = 0

  private constructor(settings: FakeSshSettings, key: ParsedKey) {
    this.#settings = settings
    this.#listener = createServer({ noDelay: true }, socket => this.#meet(socket))
    for (const fault of [undefined, 'slow', 'breaking'] as const) {
      const server = new ssh2.Server({
        hostKeys: [{ key }],
        algorithms: { kex: ['curve25519-sha256'] },
      })
      this.#servers.set(
        fault,
        server.on('connection', client => this.#serve(client, fault)),
      )
    }
  }

  static async start(settings: FakeSshSettings): Promise<FakeSsh> {
    const { key } = await readPrivateKeyFile(settings.hostKey)
    if (!key) throw new Error(`${settings.hostKey} is encrypted`)
    const fake = new FakeSsh(settings, key)
    await new Promise<void>(resolve => fake.#listener.listen(0, '0.0.0.0', 4096, resolve))
    return fake
  }

  get port(): number {
    return (this.#listener.address() as { port: number }).port
  }

  /** As a Belt reaches one of the hosts; the name tells nothing of the fault. */
  address(name: string, address: string): HostAddress {
    return { name, address, port: this.port, user: 'root', fresh: false }
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#listener.close(resolve))
  }

  #meet(socket: Socket): void {
    this.connections++
    this.#sockets.add(socket.on('close', () => this.#sockets.delete(socket)))
    const address = String(socket.localAddress)
    const fault = this.#settings.faults?.[Number(address.at(-1))]
    socket.on('error', () => {})
    if (fault === 'silent') return
    if (fault === 'dropping' || (fault === 'dropping once' && !this.#dropped.has(address))) {
      this.#dropped.add(address)
      socket.destroy()
      return
    }
    const server = this.#servers.get(fault) ?? this.#servers.get(undefined)
    server?.injectSocket(socket)
  }

  #serve(client: Connection, fault: Fault | undefined): void {
    client.on('error', () => {})
    client.on('authentication', (login: AuthContext) =>
      login.method === 'publickey' ? login.accept() : login.reject(['publickey']),
    )
    client.on('session', accept => {
      accept().on('exec', (accept, _reject, { command }) => {
        this.commands++
        const end = () =>
          fault === 'breaking' ? breakOff(client, accept(), command) : answer(accept(), command)
        if (fault === 'slow') setTimeout(end, this.#settings.slowMs)
        else end()
      })
    })
  }
}

function answer(channel: ServerChannel, line: string): void {
  channel.on('error', () => {})
  sayStarted(channel, line)
  const output = outputOf(line)
  for (const piece of output ?? []) channel.write(piece)
  if (output) end(channel, 0)
  else if (line.includes('cat > ')) channel.on('end', () => end(channel, 0)).resume()
  else end(channel, 127)
}

function breakOff(client: Connection, channel: ServerChannel, line: string): void {
  channel.on('error', () => {})
  sayStarted(channel, line)
  const output = outputOf(line)?.join('') ?? ''
  channel.write(output.slice(0, output.length / 2), () => client.end())
}

/** What a command prints, piece by piece. */
function outputOf(line: string): string[] | undefined {
  const [, verb, words] = /exec (echo|lines) (.*)'$/.exec(line) ?? []
  if (verb !== 'lines') return verb ? [`${words}\n`] : undefined
  const count = Number(words)
  return Array.from({ length: Math.ceil(count / LINES_OF_PIECE) }, (_, piece) => {
    const before = piece * LINES_OF_PIECE
    const lines = Array.from(
      { length: Math.min(LINES_OF_PIECE, count - before) },
      (_, index) => `${before + index + 1}\n`,
    )
    return lines.join('')
  })
}

function end(channel: ServerChannel, code: number): void {
  channel.exit(code)
  channel.end()
}
