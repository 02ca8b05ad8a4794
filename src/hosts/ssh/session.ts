import type { ClientChannel, PseudoTtyOptions } from 'ssh2'
import { dialEngineCommand, type ProcessCommand } from '../../remote/command.ts'
import { type EngineRequest, httpRequest } from '../../remote/engine.ts'
import { posixLine } from '../../remote/posix-line.ts'
import type { Exit, PtyRequest, StreamOptions, Streams } from '../host.ts'
import type { Connection } from './connection.ts'
import { openEngineSocket } from './engine-socket.ts'
import { Limit, orAborted } from './limit.ts'
import { discard, ReadySession } from './ready-session.ts'
import { killScript, marked, markedOnTerminal } from './remote-process.ts'
import { type Permitted, permitted } from './rights.ts'
import { attach, closeOf, exitOf, type FirstInput, type SessionStreams } from './session-streams.ts'
import type { StartMarker } from './start-marker.ts'

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
  /** Resolves when all output was passed on. @throws HostError if the end was not seen, or nothing was run */
  readonly end: (session: Session) => Promise<Exit>
}

/** The channel of a command that marks its start, and the outputs behind the mark. */
interface Marked {
  readonly command: Permitted
  readonly channel: ClientChannel
  readonly marker: StartMarker
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
  const { limit } = options
  const allowed = await permitted(connection, command, limit.signal)
  const session = pty
    ? await commandOnTerminal(connection, limit, allowed, pty)
    : await withoutTerminal(connection, limit, allowed)
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
  const { limit } = options
  const session =
    (await onEngineSocket(connection, limit)) ??
    (await withoutTerminal(connection, limit, await permitted(connection, dialEngineCommand, limit.signal)))
  return attend(session, outputs, options, { bytes: httpRequest(request), staysOpen: true })
}

/**
 * Runs a login shell on a pseudo-terminal until it ends. Whatever the host starts for a login is what was asked for, as with
 * ssh: there is no marker, and what an rc file prints is shown.
 * @throws as `runCommand` does
 */
export async function runShell(
  connection: Connection,
  streams: Streams & { pty: PtyRequest },
  options: SessionOptions,
): Promise<Exit> {
  const channel = await connection.open(
    (client, reply) => client.shell(terminal(streams.pty), reply),
    options.limit.signal,
  )
  const outputs = { stdout: channel, stderr: channel.stderr }
  return attend({ ...onTerminal(connection, channel), ...outputs, end: exitOf }, streams, options)
}

/** A session on the engine's socket; undefined if the socket cannot be used. */
async function onEngineSocket(connection: Connection, limit: Limit): Promise<Session | undefined> {
  const channel = await openEngineSocket(connection, limit.signal)
  if (!channel) return undefined
  // The engine cancels a request when its connection is closed.
  const stop = async () => discard(channel)
  const outputs = { stdout: channel, stderr: channel.stderr }
  return { connection, channel, ...outputs, sendSignal: stop, stop, end: closeOf }
}

/**
 * A command on a terminal. Its marker is taken out of the output, so that a command that never ran is noticed. What an rc file
 * prints before it stays: a person reads the terminal, and sees the same as with ssh.
 */
async function commandOnTerminal(
  connection: Connection,
  limit: Limit,
  command: Permitted,
  pty: PtyRequest,
): Promise<Session> {
  const { script, marker } = markedOnTerminal(command)
  const channel = await connection.open(
    (client, reply) => client.exec(posixLine(script), { pty: terminal(pty) }, reply),
    limit.signal,
  )
  marker.readFrom(channel)
  return { ...onTerminal(connection, channel), ...behind(marker) }
}

async function withoutTerminal(connection: Connection, limit: Limit, command: Permitted): Promise<Session> {
  return signalled(
    connection,
    (await onReadySession(connection, limit, command)) ?? (await onNewSession(connection, limit, command)),
  )
}

/** The outputs behind a marker, and the end of a session that needs one. */
function behind(marker: StartMarker): Pick<Session, 'stdout' | 'stderr' | 'end'> {
  const { stdout, stderr } = marker
  return { stdout, stderr, end: session => exitOf(session, marker) }
}

/** A program that receives signals once its process id is known. */
function signalled(connection: Connection, { command, channel, marker }: Marked): Session {
  const kill = async (name: string) => {
    const pid = await marker.pid
    if (pid === undefined) return
    const line = posixLine(killScript(name, pid, command))
    const killer = await connection.open(
      // By then, another process may have the id.
      (client, reply) => (isOver(channel) ? reply(ENDED, channel) : client.exec(line, reply)),
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
    ...behind(marker),
    sendSignal,
    async stop() {
      sendSignal('TERM')
      await withinGrace(marker.closed)
      channel.close()
    },
  }
}

async function onNewSession(connection: Connection, limit: Limit, command: Permitted): Promise<Marked> {
  const { script, marker } = marked(command)
  const begun = (channel: ClientChannel) => {
    marker.readFrom(channel)
    return { command, channel, marker }
  }
  // The program may start after the caller has stopped waiting.
  const abandon = (opened: Promise<ClientChannel>) =>
    withinGrace(opened.then(channel => stop(signalled(connection, begun(channel)))))
  const line = posixLine(script)
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
  command: Permitted,
): Promise<Marked | undefined> {
  if (!connection.isReady) return undefined
  limit.signal.throwIfAborted()
  const { script, marker } = marked(command)
  const ready = ReadySession.takes(script) ? connection.takeReady() : undefined
  if (!ready) return undefined
  const { channel } = ready
  marker.readFrom(channel)
  ready.run(script)
  try {
    const pid = await orAborted(marker.pid, limit.signal)
    return pid === undefined ? undefined : { command, channel, marker }
  } catch (error) {
    await stop(signalled(connection, { command, channel, marker }))
    throw error
  }
}

/** Whether the host has closed a channel, though some of its output may not have been read yet. */
function isOver({ incoming }: ClientChannel): boolean {
  return (incoming as { state?: string }).state === 'closed'
}

function onTerminal(
  connection: Connection,
  channel: ClientChannel,
): Pick<Session, 'connection' | 'channel' | 'sendSignal' | 'stop'> {
  // When the channel is closed, sshd hangs up the terminal, which ends the programs on it.
  const stop = async () => discard(channel)
  return {
    connection,
    channel,
    sendSignal: name => (name === 'INT' ? channel.write('\x03') : stop()),
    stop,
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
  if (session.connection.hasEnded) return
  // Nobody reads the rest of the output, and the end arrives after it.
  for (const output of [session.stdout, session.stderr]) output.resume()
  await session.stop()
}

/** Resolves when `end` settles, or after the grace period. */
async function withinGrace(end: Promise<unknown>): Promise<void> {
  const grace = new Limit()
  grace.after(GRACE_MS, () => new Error('the grace period is over'))
  await orAborted(end, grace.signal).catch(() => {})
  grace.release()
}
