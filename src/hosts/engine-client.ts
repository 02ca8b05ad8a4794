import { BeltError, reasonOf } from '../errors.ts'
import type { EngineCommand } from '../remote/command.ts'
import { type EngineResponse, parseEngineResponse, refusalOf } from '../remote/engine.ts'
import type { Host } from './host.ts'
import { inPlainWords } from './run-checked.ts'
import type { Slot } from './slots.ts'

/** How long one read may take, in milliseconds: the engine itself gives up after 20 s. */
export const READ_TIMEOUT_MS = 30_000
/** A node takes up to 8 kB of an answer, and a swarm may have thousands of nodes. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024

export interface AskOptions {
  /** The deadline in milliseconds; 30 s by default. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
  /** As `RunOptions` has it. */
  readonly slot?: Slot | undefined
}

/** The host was reached, and its engine gave no answer. */
export class EngineSilentError extends BeltError {
  /** Why, in the words of the host, without its name. */
  readonly reason: string

  constructor({ name }: Host, reason: string) {
    super('engine-refused', `${name}: ${reason}`, { host: name, hint: infoHint(name) })
    this.reason = reason
  }
}

/**
 * Sends a request to a host's engine.
 * @returns the answer, whatever its status
 * @throws EngineSilentError when the engine gives no answer; `unreadable-answer` when the answer is too long; HostError
 *   when the end of the request was not seen, so that it may have been carried out
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
  throw new EngineSilentError(host, inPlainWords(stderr.trim()) || 'its engine gave no answer')
}

/**
 * Reads something from a host's engine.
 * @param parse reads the body of a good answer
 * @throws `engine-refused` with the engine's own words; `unreadable-answer` when `parse` fails; as `askEngine` does
 */
export async function readEngine<T>(
  host: Host,
  request: EngineCommand,
  parse: (body: string) => T,
  options?: AskOptions,
): Promise<T> {
  return readAnswer(host, await askEngine(host, request, options), parse)
}

/** The same for an answer that is there already. */
export function readAnswer<T>(host: Host, response: EngineResponse, parse: (body: string) => T): T {
  if (response.status === 200) return understood(host, () => parse(response.body))
  throw new BeltError('engine-refused', `${host.name}: ${refusalOf(response)}`, {
    host: host.name,
    hint: infoHint(host.name),
  })
}

/** Parses what a host answered. @throws `unreadable-answer` when `parse` fails */
export function understood<T>(host: Host, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw unreadable(host, reasonOf(cause), cause)
  }
}

function unreadable({ name }: Host, why: string, cause?: unknown): BeltError {
  return new BeltError('unreadable-answer', `${name}: the engine's answer cannot be read: ${why}`, {
    host: name,
    cause,
  })
}

function infoHint(name: string): string {
  return `belt --host ${name} docker info shows the state of its swarm`
}
