import { copyFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { freePort, Sshd } from '../../test/support/sshd.ts'
import { goProgram } from './go.ts'
import { type Answering, answering, listening } from './server-process.ts'
import type { Stage } from './stage.ts'

const NODE = [process.execPath, '--import', 'tsx'] as const
const RELAY = resolve('bench/fanout/relay.ts')
const FAKE_SSH = resolve('test/support/fake-ssh/main.ts')
const LIGHT_SERVER = resolve('bench/fanout/light-server/main.go')

/** What is behind all hosts, in a process of its own. */
export interface Server {
  readonly port: number
  readonly what: string
  stop(): Promise<void>
}

interface SshdOptions {
  /** What its commands find in their environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether it offers every key exchange that it has; by default only curve25519, so that all tools agree on it. */
  readonly asShipped?: boolean
}

/** A private sshd behind every address of 127.0.0.0/8, that lets in the key of the stage. */
export async function startSshd(stage: Stage, { env = {}, asShipped }: SshdOptions = {}): Promise<Server> {
  // a shell inside of another reads no start-up files, which are no part of what is compared
  const variables = Object.entries({ SHLVL: '9', ...env }).map(([name, value]) => `${name}=${value}`)
  const config = [`SetEnv ${variables.join(' ')}`]
  if (!asShipped) config.push('KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org')
  const server = await Sshd.start({ listen: '0.0.0.0', config })
  copyFileSync(`${stage.userKey}.pub`, join(server.folder, 'authorized_keys'))
  return { port: server.port, what: 'sshd', stop: () => server.stop() }
}

/** The server that costs least: one in Go where that can be built, else Belt's own fake hosts. */
export async function lightServer(stage: Stage): Promise<Server> {
  const program = goProgram(stage, 'light-server', LIGHT_SERVER)
  if (!program) {
    const settings = JSON.stringify({ hostKey: stage.hostKey })
    return answering("a light server with Belt's SSH library", [...NODE, FAKE_SSH, settings], Number)
  }
  const port = await freePort()
  const argv = [program, String(port), stage.hostKey, `${stage.userKey}.pub`]
  return answering('a light server in Go', argv, () => port)
}

/** The server that is part of the Go peer. */
export async function peerServer(stage: Stage, program: string): Promise<Server> {
  const port = await freePort()
  const options = ['-port', String(port), '-hostkey', stage.hostKey, '-authorized', `${stage.userKey}.pub`]
  return listening('the server of the Go peer', [program, 'server', ...options], port)
}

/** What lies `rttMs` before a server; it counts round trips. */
export function startRelay(port: number, rttMs: number): Promise<Answering> {
  return answering('a relay', [...NODE, RELAY, String(port), String(rttMs)], Number)
}
