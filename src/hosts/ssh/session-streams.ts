import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { BeltError, reasonOf } from '../../errors.ts'
import { HostError } from '../errors.ts'
import type { Exit, Streams } from '../host.ts'
import type { Connection } from './connection.ts'

/** The streams of a remote program. The channel carries its input and output. */
export interface SessionStreams {
  readonly connection: Connection
  readonly channel: ClientChannel
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
  { channel, stderr }: Pick<SessionStreams, 'channel' | 'stderr'>,
  streams: Streams,
  stop: (reason: BeltError) => void,
  { bytes, staysOpen = false }: FirstInput = {},
): () => void {
  const outputs = [streams.stdout, streams.stderr]
  const onOutputError = (error: Error) =>
    stop(new BeltError('output-closed', `cannot write the output: ${reasonOf(error)}`, { cause: error }))
  const onInputError = (error: Error) =>
    stop(new BeltError('input-failed', `cannot read the input: ${reasonOf(error)}`, { cause: error }))
  channel.pipe(streams.stdout, { end: false })
  stderr.pipe(streams.stderr, { end: false })
  for (const output of outputs) output.on('error', onOutputError)
  if (bytes !== undefined) channel.write(bytes)
  if (streams.stdin) streams.stdin.on('error', onInputError).pipe(channel)
  else if (!staysOpen && channel.writable) channel.end()
  const stopResizing = streams.pty?.onResize((columns, rows) => channel.setWindow(rows, columns, 0, 0))
  return () => {
    stopResizing?.()
    streams.stdin?.off('error', onInputError).unpipe(channel).pause()
    channel.unpipe(streams.stdout)
    stderr.unpipe(streams.stderr)
    for (const output of outputs) output.off('error', onOutputError)
  }
}

/**
 * Resolves when the program has ended and all of its output was passed on.
 * @throws HostError if the connection or the session ended first
 */
export async function exitOf({ connection, channel, stderr }: SessionStreams): Promise<Exit> {
  const [[code, signal]] = await Promise.all([closing(channel), ending(stderr)])
  if (typeof code === 'number') return { code }
  if (signal) return { code: 128 + signalNumber(signal), signal: signal.replace(/^SIG/, '') }
  connection.throwIfEnded()
  const { name } = connection.target
  throw new HostError('lost', name, `${name} closed the session without an exit code`, {
    hint: 'The command may have been killed: check the log of sshd, and the kernel log for an out-of-memory kill',
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

/** When a channel closes, ssh2 repeats the exit: a number, or null and the signal, or nothing. */
function closing(channel: ClientChannel): Promise<[code?: number | null, signal?: string]> {
  return new Promise(resolve => {
    channel.once('close', (...exit: [code?: number | null, signal?: string]) => resolve(exit))
  })
}

function ending(output: Readable): Promise<void> {
  return new Promise(resolve => output.once('end', resolve))
}

function signalNumber(name: string): number {
  return constants.signals[name as NodeJS.Signals] ?? 0
}
