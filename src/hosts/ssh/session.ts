import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { ClientChannel, PseudoTtyOptions } from 'ssh2'
import { BeltError, reasonOf } from '../../errors.ts'
import type { Command } from '../../remote/command.ts'
import { HostError } from '../errors.ts'
import type { Exit, PtyRequest, StreamOptions, Streams } from '../host.ts'
import type { Connection } from './connection.ts'
import { Limit, orAborted } from './limit.ts'
import { announced, killLine, remoteLine } from './remote-process.ts'

/** How long a stopped command may take to end after SIGTERM, before its channel is closed. */
const GRACE_MS = 2_000

type SendSignal = Parameters<NonNullable<StreamOptions['onStart']>>[0]

/** A program that runs on the far side. */
interface Session {
  readonly connection: Connection
  readonly channel: ClientChannel
  readonly stderr: Readable
  readonly sendSignal: SendSignal
  /** Ends the program; resolves when that is seen, or after a grace. */
  readonly stop: () => Promise<void>
}

/** What the streams are fed with besides themselves, and who is told of the start. */
export interface SessionOptions {
  readonly limit: Limit
  readonly stdin?: Pick<Command, 'stdin' | 'keepStdinOpen'>
  readonly onStart?: StreamOptions['onStart']
}

/**
 * Runs a command on an open connection, until it ends.
 * @throws the limit's reason once it is reached, after the remote process was told to end; HostError
 */
export async function runCommand(
  connection: Connection,
  command: Command,
  streams: Streams,
  options: SessionOptions,
): Promise<Exit> {
  const { pty } = streams
  const session = pty
    ? await onTerminal(connection, options.limit, (client, reply) =>
        client.exec(remoteLine(command), { pty: terminal(pty) }, reply),
      )
    : await withoutTerminal(connection, options.limit, command)
  return attend(session, streams, { ...options, stdin: command })
}

/** Runs a login shell on a pseudo-terminal, until it ends. @throws as `runCommand` does */
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

async function withoutTerminal(connection: Connection, limit: Limit, command: Command): Promise<Session> {
  const { line, announcement: stderr } = announced(command)
  const channel = await connection.open((client, reply) => client.exec(line, reply), limit.signal)
  channel.stderr.pipe(stderr)
  const kill = async (name: string) => {
    const pid = await stderr.pid
    if (pid === undefined) return
    const killer = await connection.open(
      (client, reply) => client.exec(killLine(name, pid), reply),
      connection.ended,
    )
    killer.resume()
    killer.stderr.resume()
  }
  // a signal that cannot be sent shows in the command itself: it goes on, or its connection is lost
  const sendSignal: SendSignal = name => void kill(name).catch(() => {})
  return {
    connection,
    channel,
    stderr,
    sendSignal,
    async stop() {
      sendSignal('TERM')
      // nobody takes the rest of the output, and the end comes behind it
      channel.resume()
      stderr.resume()
      await closed(channel, GRACE_MS)
      channel.close()
    },
  }
}

async function onTerminal(
  connection: Connection,
  limit: Limit,
  request: Parameters<Connection['open']>[0],
): Promise<Session> {
  const channel = await connection.open(request, limit.signal)
  // sshd hangs up the terminal when its channel is closed, which ends what runs on it
  const stop = async () => channel.close()
  return {
    connection,
    channel,
    stderr: channel.stderr,
    sendSignal: name => (name === 'INT' ? channel.write('\x03') : stop()),
    stop,
  }
}

function terminal({ term, columns, rows }: PtyRequest): PseudoTtyOptions {
  return { term, cols: columns, rows, width: 0, height: 0 }
}

async function attend(session: Session, streams: Streams, options: SessionOptions): Promise<Exit> {
  const { signal } = options.limit
  const ended = exitOf(session)
  const detach = attach(session, streams, options)
  options.onStart?.(session.sendSignal)
  try {
    return await orAborted(ended, signal).finally(detach)
  } catch (error) {
    if (signal.aborted && !session.connection.ended.aborted) await session.stop()
    throw error
  }
}

/** Connects the streams; both directions wait for a side that is slow. @returns what undoes it */
function attach({ channel, stderr }: Session, streams: Streams, options: SessionOptions): () => void {
  const { limit, stdin: { stdin, keepStdinOpen } = {} } = options
  const onOutputError = (error: Error) =>
    limit.stop(
      new BeltError('output-closed', `cannot write the output: ${reasonOf(error)}`, { cause: error }),
    )
  const onInputError = (error: Error) =>
    limit.stop(new BeltError('input-failed', `cannot read the input: ${reasonOf(error)}`, { cause: error }))
  channel.pipe(streams.stdout, { end: false })
  stderr.pipe(streams.stderr, { end: false })
  streams.stdout.on('error', onOutputError)
  streams.stderr.on('error', onOutputError)
  if (stdin !== undefined) channel.write(stdin)
  if (streams.stdin) streams.stdin.on('error', onInputError).pipe(channel)
  else if (!keepStdinOpen) channel.end()
  const stopResizing = streams.pty?.onResize((columns, rows) => channel.setWindow(rows, columns, 0, 0))
  return () => {
    stopResizing?.()
    streams.stdin?.off('error', onInputError).unpipe(channel).pause()
    channel.unpipe(streams.stdout)
    stderr.unpipe(streams.stderr)
    streams.stdout.off('error', onOutputError)
    streams.stderr.off('error', onOutputError)
  }
}

/** Resolves when the program has ended and all of its output was handed over. */
async function exitOf({ connection, channel, stderr }: Session): Promise<Exit> {
  const [[code, signal]] = await Promise.all([
    new Promise<[number | null | undefined, string | undefined]>(resolve =>
      channel.once('close', (...exit: [number | null | undefined, string | undefined]) => resolve(exit)),
    ),
    new Promise(resolve => stderr.once('end', resolve)),
  ])
  if (typeof code === 'number') return { code }
  if (signal) return { code: 128 + signalNumber(signal), signal: signal.replace(/^SIG/, '') }
  connection.ended.throwIfAborted()
  const { name } = connection.target
  throw new HostError('lost', name, `${name} ended the session without an exit code`, {
    hint: 'Something there may have killed it: look at the logs of its sshd and for an out-of-memory kill',
  })
}

function signalNumber(name: string): number {
  return constants.signals[name as NodeJS.Signals] ?? 0
}

/** Resolves when the channel is closed, or the time has passed. */
async function closed(channel: ClientChannel, graceMs: number): Promise<void> {
  const grace = new Limit()
  grace.after(graceMs, () => new Error('the grace is over'))
  const end = new Promise<void>(resolve => channel.once('close', () => resolve()))
  await orAborted(end, grace.signal).catch(() => {})
  grace.release()
}
