import { quote } from '../domain/quote.ts'
import { BeltError, type BeltErrorOptions, ExitCode, precheckError } from '../errors.ts'
import type { Need } from '../remote/command.ts'

/**
 * Why a host did not answer:
 * - `unresolved`: the name has no address; `unreachable`: no route, or no reply before the deadline;
 * - `refused`: nothing is listening; `reset`: the connection was closed before it was ready;
 * - `auth`: the host accepts none of the keys; `host-key`: its key differs from the known one; `protocol`: not SSH;
 * - `lost`: the connection broke while a command was running; `timeout`: the command exceeded its deadline;
 * - `not-run`: the host ran something else instead of the command;
 * - `closed`: Belt itself closed the connection; `failed`: anything else, see the message.
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
  | 'not-run'
  | 'closed'
  | 'failed'

/** A host did not answer. Its state is unknown, which is not the same as absent. */
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

/** Whether a command may have run, or may still be running, despite this error. */
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
 * Whether a booting machine may fail like this before it is ready. A failure of the bastion does not count, because the
 * bastion does not boot with the machine.
 */
export function mayBeBooting(error: unknown): boolean {
  return error instanceof HostError && WHILE_BOOTING.has(error.failure) && !isOfBastion(error)
}

/** Whether the bastion failed instead of the host; the cause is then the bastion's error. */
export function isOfBastion(error: HostError): boolean {
  return error.cause instanceof HostError
}

/** The reason without the name of the host, by what is needed. */
const DENIALS: Readonly<Record<Need, (user: string, who: string) => string>> = {
  root: (_, who) => `${who} may not become root (sudo -n): log in as root, or allow it`,
  engine: user => `${user} may not use the engine there: usermod -aG docker ${user}, or log in as root`,
}

/** A login user whom a host denies something, and what sudo said there. */
interface Denied {
  readonly name: string
  readonly user: string
  readonly said: string
}

/** The login user may not do what a command needs. Nothing was run. */
export function denied({ name, user, said }: Denied, need: Need): BeltError {
  const reason = DENIALS[need](user, user)
  const message = need === 'root' ? DENIALS[need](user, `${user}@${name}`) : `${name}: ${reason}`
  return precheckError(`${need}-denied`, message, {
    host: name,
    hint: `sudo says there: ${said || 'nothing'}\nTo allow it, as root there: echo ${quote(`${user} ALL=(ALL) NOPASSWD: ALL`)} >/etc/sudoers.d/belt`,
    details: { user, reason },
  })
}

/** The user interrupted the work on this host. It is unknown whether its last command finished. */
export function interrupted(host: string): BeltError {
  return new BeltError('interrupted', `interrupted on ${host}`, { host, exitCode: ExitCode.interrupted })
}

/** Belt itself closed the connection. Omits the stack trace, which is useless and costs time for each host of a run. */
export function closed(host: string): HostError {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = new HostError('closed', host, `the connection to ${host} was closed`)
  Error.stackTraceLimit = stackTraceLimit
  return error
}
