import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HostAddress } from '../../src/hosts/host.ts'

const BINARY = '/usr/sbin/sshd'

/** False where no sshd is installed: suites that need one are skipped, and say so. */
export const hasSshd = existsSync(BINARY)
if (!hasSshd) process.stderr.write(`${BINARY} is not installed: the tests on a real SSH server are skipped\n`)

/** A key pair of its own for each run: nothing secret is kept in the repository. */
export interface KeyPair {
  readonly privateKey: string
  readonly publicKey: string
}

export function newKeyPair(passphrase = '', type = 'ed25519'): KeyPair {
  const folder = mkdtempSync(join(tmpdir(), 'belt-key-'))
  try {
    const path = join(folder, 'key')
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', '', '-a', '4', '-f', path])
    const publicKey = readFileSync(`${path}.pub`, 'utf8').trim()
    return { privateKey: readFileSync(path, 'utf8'), publicKey }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export interface SshdOptions {
  /** A port that is free; found unless told. */
  port?: number
  /** The address it listens at; 127.0.0.1 unless told, 0.0.0.0 for all of 127.0.0.0/8. */
  listen?: string
  /** Lines of sshd_config, which win over those of the support. */
  config?: string[]
  /** Another server whose key it lets in; one of its own unless told. */
  user?: Pick<Sshd, 'privateKey' | 'publicKey'>
  /** Its host key; made unless told. */
  hostKey?: KeyPair
  /** Gives it an ECDSA host key besides. */
  ecdsa?: boolean
  /** A program, with its arguments, that becomes sshd: it gets sshd's command line behind its own. */
  within?: string[]
}

/** A private sshd on 127.0.0.1 that lets one key in, as the user who runs the tests. */
export class Sshd {
  readonly port: number
  readonly folder: string
  /** The path of the private key that may log in. */
  readonly privateKey: string
  readonly publicKey: string
  readonly hostKey: KeyPair
  /** Only when it was asked for. */
  readonly ecdsaHostKey: KeyPair | undefined
  readonly #config: string
  readonly #within: readonly string[]
  #process: ChildProcess | undefined
  #log = ''

  private constructor(port: number, folder: string, publicKey: string, options: SshdOptions) {
    this.port = port
    this.folder = folder
    this.privateKey = join(folder, 'user_key')
    this.publicKey = publicKey
    this.hostKey = options.hostKey ?? newKeyPair()
    this.ecdsaHostKey = options.ecdsa ? newKeyPair('', 'ecdsa') : undefined
    this.#config = join(folder, 'sshd_config')
    this.#within = options.within ?? []
  }

  /** Prepares a server that does not run yet. */
  static async prepare(options: SshdOptions = {}): Promise<Sshd> {
    const folder = await mkdtemp(join(tmpdir(), 'belt-sshd-'))
    const user = options.user
      ? { ...options.user, privateKey: readFileSync(options.user.privateKey, 'utf8') }
      : newKeyPair()
    const server = new Sshd(options.port ?? (await freePort()), folder, user.publicKey, options)
    const { hostKey, ecdsaHostKey } = server
    await server.#write('user_key', user.privateKey)
    await server.#write('authorized_keys', `${user.publicKey}\n`)
    await server.#write('host_key', hostKey.privateKey)
    if (ecdsaHostKey) await server.#write('ecdsa_host_key', ecdsaHostKey.privateKey)
    const { config = [], listen } = options
    const own = new Set(config.map(keywordOf))
    // of most keywords the first line wins, but of MaxStartups the last
    const others = configLines(folder, server.port, listen).filter(line => !own.has(keywordOf(line)))
    const lines = [...config, ...others]
    if (ecdsaHostKey) lines.push(`HostKey ${folder}/ecdsa_host_key`)
    await server.#write('sshd_config', `${lines.join('\n')}\n`)
    return server
  }

  /** A server that answers. */
  static async start(options: SshdOptions = {}): Promise<Sshd> {
    const server = await Sshd.prepare(options)
    await server.start()
    return server
  }

  async start(): Promise<void> {
    // sshd's fixed folder for privilege separation; the distribution makes it when its own service starts
    if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
    const [program = BINARY, ...args] = [...this.#within, BINARY, '-D', '-e', '-f', this.#config]
    this.#process = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process.stderr?.on('data', chunk => {
      this.#log += chunk
    })
    await until(() => {
      if (this.#process?.exitCode !== null) throw new Error(`sshd did not start: ${this.#log}`)
      return this.#log.includes('Server listening')
    }, 'sshd listens')
  }

  /** How a Belt reaches it, under a name. */
  address(name: string, more: Partial<HostAddress> = {}): HostAddress {
    return { name, address: '127.0.0.1', port: this.port, user: userInfo().username, fresh: false, ...more }
  }

  /** What it wrote down so far. */
  get log(): string {
    return this.#log
  }

  /** How many logins it has accepted. */
  get logins(): number {
    return this.#log.split('Accepted publickey').length - 1
  }

  /** Cuts the connections that are open now, without a word to their clients. */
  cutConnections(): void {
    for (const pid of childrenOf(this.#process?.pid)) send('SIGKILL', pid)
  }

  /** Makes the connections that are open now fall silent. */
  freezeConnections(): void {
    for (const pid of childrenOf(this.#process?.pid)) send('SIGSTOP', pid)
  }

  /** Lets them go on. */
  thawConnections(): void {
    for (const pid of childrenOf(this.#process?.pid)) send('SIGCONT', pid)
  }

  /** Ends the server and its connections and removes its files. */
  async stop(): Promise<void> {
    this.cutConnections()
    const ended = this.#process && onExit(this.#process)
    this.#process?.kill('SIGKILL')
    await ended
    await rm(this.folder, { recursive: true, force: true })
  }

  #write(name: string, content: string): Promise<void> {
    return writeFile(join(this.folder, name), content, { mode: 0o600 })
  }
}

/** Waits until `condition` holds; fails, naming it, after the deadline. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 10_000,
): Promise<void> {
  const start = performance.now()
  while (!(await condition())) {
    if (performance.now() - start > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await sleep(20)
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

function keywordOf(line: string): string | undefined {
  return line.split(' ', 1)[0]
}

function configLines(folder: string, port: number, listen = '127.0.0.1'): string[] {
  return [
    `Port ${port}`,
    `ListenAddress ${listen}`,
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `PidFile ${folder}/pid`,
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'StrictModes no',
    'UsePAM no',
    'UseDNS no',
    'MaxStartups 4096',
    // the start-up files of whoever runs the tests are none of their business, and may take seconds
    `SetEnv HOME=${folder}/home`,
    'LogLevel INFO',
  ]
}

function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined) return []
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number)
  } catch {
    return [] // pgrep exits 1 when there is none
  }
}

function send(signal: NodeJS.Signals, pid: number): void {
  try {
    process.kill(pid, signal)
  } catch {
    // it ended by itself meanwhile
  }
}

async function onExit(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
