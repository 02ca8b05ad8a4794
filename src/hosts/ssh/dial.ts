import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import ssh2, { type AnyAuthMethod } from 'ssh2'
import type { HostAddress } from '../host.ts'
import { connectFailure, type Phase } from './connect-failure.ts'
import { Connection } from './connection.ts'
import type { HostKeyCheck } from './host-key-check.ts'
import type { Identities } from './identities.ts'

export interface DialOptions {
  readonly identities: Identities
  readonly check: HostKeyCheck
  /** From the first packet to the accepted login. */
  readonly timeoutMs: number
  readonly keepaliveMs: number
  readonly signal: AbortSignal
  /** What the connection runs through, when not through a connection of its own. */
  readonly through?: Duplex | undefined
}

/**
 * Makes one connection, in one try.
 * @throws HostError; the signal's reason when aborted
 */
export async function dial(target: HostAddress, options: DialOptions): Promise<Connection> {
  const { check } = options
  const socket = options.through ?? connect({ host: target.address, port: target.port, noDelay: true })
  // it begins beside the login and never rejects: its problem is its value
  let remembering: Promise<unknown> = Promise.resolve()
  const onHandshake = () => {
    remembering = check.remember().catch((error: unknown) => error)
  }
  const connection = await login(target, socket, options, onHandshake).finally(() => remembering)
  const problem = await remembering
  if (problem === undefined) return connection
  connection.close()
  throw problem
}

function login(
  target: HostAddress,
  socket: Duplex,
  options: DialOptions,
  onHandshake: () => void,
): Promise<Connection> {
  const { check, identities, timeoutMs, keepaliveMs, signal } = options
  const client = new ssh2.Client()
  let phase: Phase = options.through ? 'handshake' : 'connecting'
  return new Promise<Connection>((resolve, reject) => {
    const stop = (reason: unknown) => {
      signal.removeEventListener('abort', onAbort)
      reject(reason)
      socket.destroy()
    }
    const onAbort = () => stop(signal.reason)
    const fail = (error?: Error & { level?: string }) => {
      if (error?.level === 'agent') return // it refused to sign with one key; others may follow
      const attempt = { target, phase, timeoutMs, ended: socket.readableEnded, tried: identities.described }
      stop(check.problem ?? connectFailure(error, attempt))
    }
    const onClose = () => fail()
    signal.addEventListener('abort', onAbort)
    client.on('connect', () => {
      phase = 'handshake'
    })
    client.on('handshake', () => {
      phase = 'login'
      onHandshake()
    })
    client.on('error', fail)
    client.on('close', onClose)
    client.on('ready', () => {
      signal.removeEventListener('abort', onAbort)
      const connection = new Connection(target, client, keepaliveMs)
      client.off('error', fail).off('close', onClose)
      resolve(connection)
    })
    client.connect({
      sock: socket as Socket,
      username: target.user,
      readyTimeout: timeoutMs,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: 3,
      algorithms: check.algorithms,
      hostVerifier: (key: Buffer) => check.accepts(key),
      // a function, because with a list ssh2 first asks for a login without a key
      authHandler: oneByOne(identities.methods(target.user)),
    })
  })
}

function oneByOne(methods: AnyAuthMethod[]): ssh2.AuthHandlerMiddleware {
  return (_left, _partial, next) => next(methods.shift() ?? (false as never))
}
