import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { BeltError, reasonOf } from '../../errors.ts'
import { HostError } from '../errors.ts'
import type { Exit, Streams } from '../host.ts'
import type { Connection } from './connection.ts'

/** The streams of a program on the far side: input and output are the channel's. */
export interface SessionStreams {
  readonly connection: Connection
  readonly channel: ClientChannel
  readonly stderr: Readable
}

/** What is sent before, or instead of, the near standard input. */
export interface FirstInput {
  readonly bytes?: string | Uint8Array | undefined
  /** Leaves standard input open behind it. */
  readonly staysOpen?: boolean
}

/**
 * Connects the near streams with the far ones; both directions wait for a side that is slow.
 * @param stop called when a near stream breaks
 * @returns what undoes it
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
 * Resolves when the program has ended and all of its output was handed over.
 * @throws HostError when the connection, or the session alone, ended before it
 */
export async function exitOf({ connection, channel, stderr }: SessionStreams): Promise<Exit> {
  const [[code, signal]] = await Promise.all([closing(channel), ending(stderr)])
  if (typeof code === 'number') return { code }
  if (signal) return { code: 128 + signalNumber(signal), signal: signal.replace(/^SIG/, '') }
  connection.throwIfEnded()
  const { name } = connection.target
  throw new HostError('lost', name, `${name} ended the session without an exit code`, {
    hint: 'Something there may have killed it: look at the logs of its sshd and for an out-of-memory kill',
  })
}

/**
 * Resolves when the far side has closed a channel that has no program, and all that came was handed over.
 * @throws HostError when nothing came, or the connection ended before it
 */
export async function closeOf({ connection, channel, stderr }: SessionStreams): Promise<Exit> {
  await Promise.all([closing(channel), ending(stderr)])
  connection.throwIfEnded()
  if (channel.readableDidRead) return { code: 0 }
  const { name } = connection.target
  throw new HostError('lost', name, `${name}: its engine hung up without an answer`, {
    hint: `Its engine may be restarting: belt --host ${name} docker info shows whether it answers`,
  })
}

/** ssh2 tells the exit again when the channel closes: a number, or null and the signal, or nothing. */
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
