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

const BEFORE_ANY_COMMAND: ReadonlySet<HostFailure> = new Set([
  'unresolved',
  'unreachable',
  'refused',
  'reset',
  'auth',
  'host-key',
  'protocol',
])

/** Whether a command may have run, or still runs, though this is what became of it. */
export function mayHaveRun(error: unknown): boolean {
  if (error instanceof HostError) return !BEFORE_ANY_COMMAND.has(error.failure)
  return !(error instanceof BeltError && error.exitCode === ExitCode.precheck)
}

const WHILE_BOOTING: ReadonlySet<HostFailure> = new Set([
  'unresolved',
  'unreachable',
  'refused',
  'reset',
  'auth',
  'lost',
])

/**
 * Whether a machine that boots may answer like this before it is ready. A bastion does not boot with it: its failure
 * is none of these.
 */
export function mayBeBooting(error: unknown): boolean {
  return error instanceof HostError && WHILE_BOOTING.has(error.failure) && !isOfBastion(error)
}

/** Whether it is the bastion in front of a host that gave no answer: its own failure is then the cause. */
export function isOfBastion(error: HostError): boolean {
  return error.cause instanceof HostError
}

/** The user stopped the work on this host; whether its last command ran to the end is unknown. */
export function interrupted(host: string): BeltError {
  return new BeltError('interrupted', `interrupted on ${host}`, { host, exitCode: ExitCode.interrupted })
}

/** Belt closed the connection itself. There is one for each host of a run, and where it was made tells nobody anything. */
export function closed(host: string): HostError {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = new HostError('closed', host, `the connection to ${host} was closed`)
  Error.stackTraceLimit = stackTraceLimit
  return error
}
