import { BeltError, type BeltErrorOptions, ExitCode } from '../errors.ts'

/**
 * Why a host gave no answer:
 * - `unresolved` the name has no address; `unreachable` no route, or silence until the deadline;
 * - `refused` nothing listens; `reset` the connection was cut before it was ready;
 * - `auth` the host accepts none of the keys; `host-key` its key is not the one known; `protocol` it speaks no SSH;
 * - `lost` the connection broke while a command ran; `timeout` the command outlived its deadline;
 * - `closed` Belt itself closed the connection; `failed` anything else, told in the message.
 */
export type HostFailure =
  | 'unresolved'
  | 'unreachable'
  | 'refused'
  | 'reset'
  | 'auth'
  | 'host-key'
  | 'protocol'
  | 'lost'
  | 'timeout'
  | 'closed'
  | 'failed'

/** A host gave no answer. Its state is unknown, which is never the same as absent. */
export class HostError extends BeltError {
  readonly failure: HostFailure

  constructor(failure: HostFailure, host: string, message: string, options: BeltErrorOptions = {}) {
    super(`host-${failure}`, message, { ...options, host })
    this.failure = failure
  }
}

/** The user stopped the work on this host; whether its last command ran to the end is unknown. */
export function interrupted(host: string): BeltError {
  return new BeltError('interrupted', `interrupted on ${host}`, { host, exitCode: ExitCode.interrupted })
}

/** Belt closed the connection itself. */
export function closed(host: string): HostError {
  return new HostError('closed', host, `the connection to ${host} was closed`)
}
