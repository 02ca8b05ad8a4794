import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { AnyAuthMethod, AuthHandlerMiddleware } from 'ssh2'
import type { HostAddress } from '../host.ts'
import type { Identities } from './auth/identities.ts'
import { connectFailure, type Phase } from './connect-failure.ts'
import { Connection } from './connection.ts'
import type { HostKeyCheck } from './host-key-check.ts'
import { Greeting } from './offered-algorithms.ts'
import { shortenLogin } from './shortcuts.ts'
import { Client } from './ssh2.ts'

export interface DialOptions {
  readonly identities: Identities
  readonly check: HostKeyCheck
  /** The deadline, from the first packet to the accepted login. */
  readonly timeoutMs: number
  readonly keepaliveMs: number
  readonly signal: AbortSignal
  /** The stream to use instead of a new TCP connection. */
  readonly through?: Duplex | undefined
}

/**
 * Makes one attempt to connect.
 * @throws HostError; the signal's reason if aborted
 */
export async function dial(target: HostAddress, options: DialOptions): Promise<Connection> {
  const { check } = options
  const socket = options.through ?? open(target)
  // It runs during the login and never rejects: it resolves with its error, if any.
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
  const client = new Client()
  let phase: Phase = options.through ? 'handshake' : 'connecting'
  let alsoAsked: readonly string[] | undefined
  const greeting = new Greeting()
  const listen = (chunk: Buffer) => greeting.add(chunk)
  return new Promise<Connection>((resolve, reject) => {
    const stop = (reason: unknown) => {
      signal.removeEventListener('abort', onAbort)
      reject(reason)
      socket.destroy()
    }
    const onAbort = () => stop(signal.reason)
    const fail = (error?: Error & { level?: string }) => {
      if (error?.level === 'agent') return // the agent did not sign with one key; others may follow
      const ended = socket.readableEnded
      const attempt = { target, phase, timeoutMs, ended, identities, alsoAsked, greeting }
      stop(check.problem ?? connectFailure(error, attempt))
    }
    const onClose = () => fail()
    signal.addEventListener('abort', onAbort)
    client.on('connect', () => {
      phase = 'handshake'
      socket.on('data', listen)
    })
    client.on('handshake', () => {
      phase = 'login'
      socket.off('data', listen)
      onHandshake()
    })
    client.on('error', fail)
    client.on('close', onClose)
    client.on('ready', () => {
      signal.removeEventListener('abort', onAbort)
      const connection = new Connection(target, client, socket, keepaliveMs)
      client.off('error', fail).off('close', onClose)
      resolve(connection)
    })
    const methods = identities.methods(target.user)
    const [first] = methods
    client.connect({
      sock: socket as Socket,
      username: target.user,
      readyTimeout: timeoutMs,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: 3,
      algorithms: check.algorithms,
      hostVerifier: (key: Buffer) => check.accepts(key),
      // A function, because with a list ssh2 first tries to log in without a key.
      authHandler: oneByOne(methods, left => {
        alsoAsked = left
      }),
    })
    shortenLogin(client, first)
  })
}

/** All connections read into this buffer, one after the other; what was read is copied at once. */
const input = Buffer.allocUnsafe(65_536)

/**
 * Opens a TCP connection that sends all packets for one piece of input together. Reads share one buffer, so that each read
 * need not allocate 64 KiB.
 */
function open({ address, port }: HostAddress): Socket {
  const socket = connect({ host: address, port, noDelay: true, onread: { buffer: input, callback: take } })
  function take(length: number): boolean {
    socket.cork()
    process.nextTick(() => socket.uncork())
    socket.emit('data', Buffer.from(input.subarray(0, length)))
    return true
  }
  return socket
}

/** @param onPartial called with the methods that the host asks for besides the one that it accepted */
function oneByOne(
  methods: AnyAuthMethod[],
  onPartial: (left: readonly string[]) => void,
): AuthHandlerMiddleware {
  return (left, isPartial, next) => {
    if (isPartial) onPartial(left)
    next(methods.shift() ?? (false as never))
  }
}
