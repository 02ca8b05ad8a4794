import type { ClientChannel, PseudoTtyOptions } from 'ssh2'
import { dialEngineCommand, type ProcessCommand } from '../../remote/command.ts'
import { type EngineRequest, httpRequest } from '../../remote/engine.ts'
import type { Exit, PtyRequest, StreamOptions, Streams } from '../host.ts'
import type { Connection } from './connection.ts'
import { openEngineSocket } from './engine-socket.ts'
import { Limit, orAborted } from './limit.ts'
import { discard, ReadySession } from './ready-session.ts'
import { type Announcement, announced, killLine, remoteLine } from './remote-process.ts'
import { attach, closeOf, exitOf, type FirstInput, type SessionStreams } from './session-streams.ts'

/** How long a stopped command may take to end after SIGTERM, before its channel is closed. */
const GRACE_MS = 2_000

const ENDED = new Error('the command has ended')

type SendSignal = Parameters<NonNullable<StreamOptions['onStart']>>[0]

/** A remote program. */
interface Session extends SessionStreams {
  readonly connection: Connection
  readonly sendSignal: SendSignal
  /** Ends the program. Resolves when it has ended, or after a grace period. */
  readonly stop: () => Promise<void>
  /** Resolves when all output was passed on. @throws HostError if the end was not seen */
  readonly end: (session: Session) => Promise<Exit>
}

/** The channel of a command that announces its process id on stderr. */
interface Announced {
  readonly channel: ClientChannel
  readonly stderr: Announcement
}

/** What ends a session early, and a callback for its start. */
export interface SessionOptions {
  readonly limit: Limit
  readonly onStart?: StreamOptions['onStart']
}

/**
 * Runs a command on an open connection until it ends.
 * @throws HostError; the limit's reason once it is reached, after the remote process was told to end
 */
export async function runCommand(
  connection: Connection,
  command: ProcessCommand,
  streams: Streams,
  options: SessionOptions,
): Promise<Exit> {
  const { pty } = streams
  const session = pty
    ? await onTerminal(connection, options.limit, (client, reply) =>
        client.exec(remoteLine(command), { pty: terminal(pty) }, reply),
      )
    : await withoutTerminal(connection, options.limit, command)
  return attend(session, streams, options, { bytes: command.stdin })
}

/**
 * Sends a request to the host's engine and passes on its answer. Uses the engine's socket, or Docker's client if sshd does
 * not forward to the socket or the client may use another engine.
 * @throws as `runCommand` does
 */
export async function requestOfEngine(
  connection: Connection,
  request: EngineRequest,
  outputs: Pick<Streams, 'stdout' | 'stderr'>,
  options: SessionOptions,
): Promise<Exit> {
  const session =
    (await onEngineSocket(connection, options.limit)) ??
    (await withoutTerminal(connection, options.limit, dialEngineCommand))
  return attend(session, outputs, options, { bytes: httpRequest(request), staysOpen: true })
}

/** Runs a login shell on a pseudo-terminal until it ends. @throws as `runCommand` does */
export async function runShell(
  connection: Connection,
  streams: Streams & { pty: PtyRequest },
  options: SessionOptions,
): Promise<Exit> {
  const session = await onTerminal(connection, options.limit, (client, reply) =>
    client.shell(terminal(streams.pty), reply),
  )
  return attend(session, streams, options)
}

/** A session on the engine's socket; undefined if the socket cannot be used. */
async function onEngineSocket(connection: Connection, limit: Limit): Promise<Session | undefined> {
  const channel = await openEngineSocket(connection, limit.signal)
  if (!channel) return undefined
  // The engine cancels a request when its connection is closed.
  const stop = async () => discard(channel)
  return { connection, channel, stderr: channel.stderr, sendSignal: stop, stop, end: closeOf }
}

async function withoutTerminal(
  connection: Connection,
  limit: Limit,
  command: ProcessCommand,
): Promise<Session> {
  return announcing(
    connection,
    (await onReadySession(connection, limit, command)) ?? (await onNewSession(connection, limit, command)),
  )
}

/** A program that receives signals once its process id is known. */
function announcing(connection: Connection, { channel, stderr }: Announced): Session {
  const kill = async (name: string) => {
    const pid = await stderr.pid
    if (pid === undefined) return
    const killer = await connection.open(
      // By then, another process may have the id.
      (client, reply) => (isOver(channel) ? reply(ENDED, channel) : client.exec(killLine(name, pid), reply)),
      connection.ended,
    )
    killer.resume()
    killer.stderr.resume()
  }
  // A signal waits while the host allows no more sessions. If it cannot be sent, the command continues or its connection is lost.
  const sendSignal: SendSignal = name => void kill(name).catch(() => {})
  return {
    connection,
    channel,
    stderr,
    sendSignal,
    end: exitOf,
    async stop() {
      sendSignal('TERM')
      // Nobody reads the rest of the output, and the end arrives after it.
      channel.resume()
      stderr.resume()
      await withinGrace(new Promise(resolve => channel.once('close', resolve)))
      channel.close()
    },
  }
}

async function onNewSession(
  connection: Connection,
  limit: Limit,
  command: ProcessCommand,
): Promise<Announced> {
  const { line, announcement: stderr } = announced(command)
  const begun = (channel: ClientChannel) => {
    channel.stderr.pipe(stderr)
    return { channel, stderr }
  }
  // The program may start after the caller has stopped waiting.
  const abandon = (opened: Promise<ClientChannel>) =>
    withinGrace(opened.then(channel => stop(announcing(connection, begun(channel)))))
  const request: Parameters<Connection['open']>[0] = (client, reply) => client.exec(line, reply)
  return begun(await connection.open(request, limit.signal, abandon))
}

/**
 * Runs a command on the ready session. Sends no input before the command has started.
 * @returns undefined if no session is ready, or if it ended before it read the command
 */
async function onReadySession(
  connection: Connection,
  limit: Limit,
  command: ProcessCommand,
): Promise<Announced | undefined> {
  if (!connection.isReady) return undefined
  limit.signal.throwIfAborted()
  const { line, announcement: stderr } = announced(command)
  const ready = ReadySession.takes(line) ? connection.takeReady() : undefined
  if (!ready) return undefined
  const { channel } = ready
  channel.stderr.pipe(stderr)
  ready.run(line)
  try {
    const pid = await orAborted(stderr.pid, limit.signal)
    return pid === undefined ? undefined : { channel, stderr }
  } catch (error) {
    await stop(announcing(connection, { channel, stderr }))
    throw error
  }
}

/** Whether the host has closed a channel, though some of its output may not have been read yet. */
function isOver({ incoming }: ClientChannel): boolean {
  return (incoming as { state?: string }).state === 'closed'
}

async function onTerminal(
  connection: Connection,
  limit: Limit,
  request: Parameters<Connection['open']>[0],
): Promise<Session> {
  const channel = await connection.open(request, limit.signal)
  // When the channel is closed, sshd hangs up the terminal, which ends the programs on it.
  const stop = async () => discard(channel)
  return {
    connection,
    channel,
    stderr: channel.stderr,
    sendSignal: name => (name === 'INT' ? channel.write('\x03') : stop()),
    stop,
    end: exitOf,
  }
}

function terminal({ term, columns, rows }: PtyRequest): PseudoTtyOptions {
  return { term, cols: columns, rows, width: 0, height: 0 }
}

async function attend(
  session: Session,
  streams: Streams,
  { limit, onStart }: SessionOptions,
  input?: FirstInput,
): Promise<Exit> {
  const ended = session.end(session)
  const detach = attach(session, streams, reason => limit.stop(reason), input)
  onStart?.(session.sendSignal)
  try {
    return await orAborted(ended, limit.signal).finally(detach)
  } catch (error) {
    if (limit.signal.aborted) await stop(session)
    throw error
  }
}

/** Ends a program, if its connection is still open. */
async function stop(session: Session): Promise<void> {
  if (!session.connection.hasEnded) await session.stop()
}

/** Resolves when `end` settles, or after the grace period. */
async function withinGrace(end: Promise<unknown>): Promise<void> {
  const grace = new Limit()
  grace.after(GRACE_MS, () => new Error('the grace period is over'))
  await orAborted(end, grace.signal).catch(() => {})
  grace.release()
}
