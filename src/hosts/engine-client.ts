import { BeltError, reasonOf } from '../errors.ts'
import type { EngineCommand } from '../remote/command.ts'
import { type EngineResponse, parseEngineResponse, refusalOf } from '../remote/engine.ts'
import type { Host } from './host.ts'
import { inPlainWords } from './run-checked.ts'
import type { Slot } from './slots.ts'

/** The deadline of one read, in milliseconds. The engine itself gives up after 20 s. */
export const READ_TIMEOUT_MS = 30_000
/** A node takes up to 8 kB of an answer, and a swarm can have thousands of nodes. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024

export interface AskOptions {
  /** The deadline in milliseconds; 30 s by default. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
  /** See `RunOptions`. */
  readonly slot?: Slot | undefined
}

/**
 * The host answered, but its engine did not. The code is that of an engine that answers with a refusal, because codes stay
 * as they are for the sake of scripts; within Belt, this class tells the two apart.
 */
export class EngineSilentError extends BeltError {
  /** The host's explanation, without the name of the host. */
  readonly reason: string

  constructor({ name }: Host, reason: string) {
    super('engine-refused', `${name}: ${reason}`, { host: name, hint: infoHint(name) })
    this.reason = reason
  }
}

/**
 * Sends a request to a host's engine.
 * @returns the answer, whatever its status
 * @throws EngineSilentError if the engine does not answer; `unreadable-answer` if the answer is too long; HostError if the
 *   end of the request was not seen, so that it may have been carried out
 */
export async function askEngine(
  host: Host,
  request: EngineCommand,
  { timeoutMs = READ_TIMEOUT_MS, signal, slot }: AskOptions = {},
): Promise<EngineResponse> {
  const options = { timeoutMs, signal, slot, maxOutputBytes: MAX_ANSWER_BYTES }
  const { stdout, stderr, truncated } = await host.run(request, options)
  if (truncated) throw unreadable(host, `it is longer than ${MAX_ANSWER_BYTES} bytes`)
  const response = parseEngineResponse(stdout)
  if (response) return response
  throw new EngineSilentError(host, inPlainWords(stderr.trim()) || 'its Docker Engine did not answer')
}

/**
 * Reads something from a host's engine.
 * @param parse parses the body of a successful answer
 * @throws `engine-refused` with the engine's message; `unreadable-answer` if `parse` fails; whatever `askEngine` throws
 */
export async function readEngine<T>(
  host: Host,
  request: EngineCommand,
  parse: (body: string) => T,
  options?: AskOptions,
): Promise<T> {
  return readAnswer(host, await askEngine(host, request, options), parse)
}

/** Reads an answer that has already arrived. @throws `engine-refused`; `unreadable-answer` if `parse` fails */
export function readAnswer<T>(host: Host, response: EngineResponse, parse: (body: string) => T): T {
  if (response.status === 200) return understood(host, () => parse(response.body))
  throw new BeltError('engine-refused', `${host.name}: ${refusalOf(response)}`, {
    host: host.name,
    hint: infoHint(host.name),
  })
}

/** Parses the answer of a host. @throws `unreadable-answer` if `parse` fails */
export function understood<T>(host: Host, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw unreadable(host, reasonOf(cause), cause)
  }
}

function unreadable({ name }: Host, why: string, cause?: unknown): BeltError {
  return new BeltError(
    'unreadable-answer',
    `${name}: the answer of its Docker Engine is not understood: ${why}`,
    {
      host: name,
      hint: infoHint(name),
      cause,
    },
  )
}

/** Whether a host answered something that is not what its engine answers. Nothing is known about it then. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof BeltError && error.code === 'unreadable-answer'
}

function infoHint(name: string): string {
  return `check its engine: belt --host ${name} docker info`
}
