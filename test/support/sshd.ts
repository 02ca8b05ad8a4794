import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import ssh2 from 'ssh2'
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

export function newKeyPair(passphrase?: string): KeyPair {
  const options = passphrase ? { passphrase, cipher: 'aes256-ctr' as const, rounds: 4 } : undefined
  const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519', options)
  return { privateKey, publicKey }
}

export interface SshdOptions {
  /** A port that is free; found unless told. */
  port?: number
  /** Lines of sshd_config, which win over those of the support. */
  config?: string[]
  /** Its host key; made unless told. */
  hostKey?: KeyPair
}

/** A private sshd on 127.0.0.1 that lets one key in, as the user who runs the tests. */
export class Sshd {
  readonly port: number
  readonly folder: string
  /** The path of the private key that may log in. */
  readonly privateKey: string
  readonly publicKey: string
  readonly hostKey: KeyPair
  readonly #config: string
  #process: ChildProcess | undefined
  #log = ''

  private constructor(port: number, folder: string, user: KeyPair, hostKey: KeyPair, config: string) {
    this.port = port
    this.folder = folder
    this.privateKey = join(folder, 'user_key')
    this.publicKey = user.publicKey
    this.hostKey = hostKey
    this.#config = config
  }

  /** Prepares a server that does not run yet. */
  static async prepare(options: SshdOptions = {}): Promise<Sshd> {
    const folder = await mkdtemp(join(tmpdir(), 'belt-sshd-'))
    const port = options.port ?? (await freePort())
    const user = newKeyPair()
    const hostKey = options.hostKey ?? newKeyPair()
    const server = new Sshd(port, folder, user, hostKey, join(folder, 'sshd_config'))
    const own = { mode: 0o600 }
    await writeFile(server.privateKey, user.privateKey, own)
    await writeFile(join(folder, 'host_key'), hostKey.privateKey, own)
    await writeFile(join(folder, 'authorized_keys'), `${user.publicKey}\n`, own)
    await writeFile(server.#config, [...(options.config ?? []), ...configLines(folder, port), ''].join('\n'))
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
    this.#process = spawn(BINARY, ['-D', '-e', '-f', this.#config], { stdio: ['ignore', 'ignore', 'pipe'] })
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

  /** Cuts the connections that are open now, without a word to their clients. */
  cutConnections(): void {
    for (const pid of childrenOf(this.#process?.pid)) process.kill(pid, 'SIGKILL')
  }

  /** Ends the server and its connections and removes its files. */
  async stop(): Promise<void> {
    this.cutConnections()
    const ended = this.#process && this.#process.exitCode === null && onExit(this.#process)
    this.#process?.kill('SIGKILL')
    await ended
    await rm(this.folder, { recursive: true, force: true })
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

function configLines(folder: string, port: number): string[] {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
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

function onExit(child: ChildProcess): Promise<void> {
  return new Promise(resolve => child.once('exit', () => resolve()))
}
