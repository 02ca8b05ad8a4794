import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { redactedTail } from '../../domain/redact.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { HostError } from '../errors.ts'
import type { Exit, HostAddress, Streams } from '../host.ts'
import type { Connection } from './connection.ts'
import { closing, type StartMarker } from './start-marker.ts'

/** How much of what a host said instead of running a command is shown. */
const MOST_SAID_CHARACTERS = 500

/** The streams of a remote program. The channel carries its input. */
export interface SessionStreams {
  readonly connection: Connection
  readonly channel: ClientChannel
  readonly stdout: Readable
  readonly stderr: Readable
}

/** Input to send before, or instead of, the local standard input. */
export interface FirstInput {
  readonly bytes?: string | Uint8Array | undefined
  /** Whether to leave standard input open afterwards. */
  readonly staysOpen?: boolean
}

/**
 * Connects the local streams to the remote ones, with backpressure in both directions.
 * @param stop called if a local stream breaks
 * @returns a function that disconnects them
 */
export function attach(
  { channel, stdout, stderr }: Omit<SessionStreams, 'connection'>,
  streams: Streams,
  stop: (reason: BeltError) => void,
  { bytes, staysOpen = false }: FirstInput = {},
): () => void {
  const outputs = [streams.stdout, streams.stderr]
  const onOutputError = (error: Error) =>
    stop(new BeltError('output-closed', `cannot write the output: ${reasonOf(error)}`, { cause: error }))
  const onInputError = (error: Error) =>
    stop(new BeltError('input-failed', `cannot read the input: ${reasonOf(error)}`, { cause: error }))
  stdout.pipe(streams.stdout, { end: false })
  stderr.pipe(streams.stderr, { end: false })
  for (const output of outputs) output.on('error', onOutputError)
  if (bytes !== undefined) channel.write(bytes)
  if (streams.stdin) streams.stdin.on('error', onInputError).pipe(channel)
  else if (!staysOpen && channel.writable) channel.end()
  const stopResizing = streams.pty?.onResize((columns, rows) => channel.setWindow(rows, columns, 0, 0))
  return () => {
    stopResizing?.()
    streams.stdin?.off('error', onInputError).unpipe(channel).pause()
    stdout.unpipe(streams.stdout)
    stderr.unpipe(streams.stderr)
    for (const output of outputs) output.off('error', onOutputError)
  }
}

/**
 * Resolves when the program has ended and all of its output was passed on.
 * @param marker of a program that proves its start
 * @throws HostError if the host ran something else, or the connection or the session ended first
 */
export async function exitOf(session: SessionStreams, marker?: StartMarker): Promise<Exit> {
  const { connection, channel, stdout, stderr } = session
  const [[code, signal]] = await Promise.all([
    marker?.closed ?? closing(channel),
    ending(stdout),
    ending(stderr),
  ])
  const exit = exitFrom(code, signal)
  if (!exit) connection.throwIfEnded()
  const { target } = connection
  if (marker && !marker.stdout.hasMarker) throw unmarked(target, marker)
  if (exit) return exit
  throw new HostError('lost', target.name, `${target.name} closed the session without an exit code`, {
    hint: 'The command may have been killed: check the log of sshd, and the kernel log for an out-of-memory kill',
  })
}

function exitFrom(code: number | null | undefined, signal: string | undefined): Exit | undefined {
  if (typeof code === 'number') return { code }
  return signal ? { code: 128 + signalNumber(signal), signal: signal.replace(/^SIG/, '') } : undefined
}

/** The error for a session that ended without the marker. What it said instead may explain that. */
function unmarked({ name, address, port, user }: HostAddress, { stdout, stderr }: StartMarker): HostError {
  if (stderr.hasMarker)
    return new HostError('failed', name, `${name} ran the command, but its stdout did not arrive`, {
      hint: `Check the rc files of ${user} there: one of them sends stdout elsewhere`,
    })
  const said = redactedTail(stderr.said || stdout.said, [], MOST_SAID_CHARACTERS)
  const reason = 'its login shell, an rc file or a forced command got in the way'
  return new HostError('not-run', name, `${name} did not run the command: ${reason}${said && `: ${said}`}`, {
    hint: `Check what this does: ssh -p ${port} ${user}@${address} echo ok\nA forced command stands in authorized_keys or sshd_config there`,
  })
}

/**
 * Resolves when the host has closed a channel without a program, and all that it sent was passed on.
 * @throws HostError if it sent nothing, or the connection ended first
 */
export async function closeOf({ connection, channel, stderr }: SessionStreams): Promise<Exit> {
  await Promise.all([closing(channel), ending(stderr)])
  connection.throwIfEnded()
  if (channel.readableDidRead) return { code: 0 }
  const { name } = connection.target
  throw new HostError('lost', name, `${name}: its Docker Engine closed the connection without an answer`, {
    hint: `The engine may be restarting; to check it: belt --host ${name} docker info`,
  })
}

function ending(output: Readable): Promise<void> {
  return new Promise(resolve => output.once('end', resolve))
}

function signalNumber(name: string): number {
  return constants.signals[name as NodeJS.Signals] ?? 0
}
