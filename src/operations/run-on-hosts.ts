import type { Machine } from '../drivers/driver.ts'
import type { BeltError } from '../errors.ts'
import { HostError } from '../hosts/errors.ts'
import { type Answer, fanOut } from '../hosts/fan-out.ts'
import type { Exit, Host, StreamOptions, Streams } from '../hosts/host.ts'
import type { Slot } from '../hosts/slots.ts'
import type { ProcessCommand } from '../remote/command.ts'
import type { Fleet } from './fleet.ts'

/** Runs a command on one machine's host, connected to the given streams. */
export function runOnHost(
  fleet: Fleet,
  machine: Machine,
  command: ProcessCommand,
  streams: Streams,
  options: StreamOptions = {},
): Promise<Exit> {
  return fleet.host(machine).stream(command, streams, { signal: fleet.signal, ...options })
}

/** Runs a command on one machine's host that failed in the last run, and forgets that when it succeeds now. */
export async function runAgainOnHost(
  fleet: Fleet,
  machine: Machine,
  ...rest: [ProcessCommand, Streams, StreamOptions?]
): Promise<Exit> {
  const exit = await runOnHost(fleet, machine, ...rest)
  await fleet.lastFailures.set(exit.code === 0 ? [] : [machine.name])
  return exit
}

type OnStart = NonNullable<StreamOptions['onStart']>

export interface ManyHostsOptions extends Pick<StreamOptions, 'timeoutMs'> {
  /** The streams of one host; when its command has ended, `done` resolves as soon as all that it printed was taken. */
  streamsFor(name: string): Streams & { done(): Promise<void> | void }
  /** Told of each command that runs, as `StreamOptions` has it; what it returns is called when the command has ended. */
  onStart?: ((...start: Parameters<OnStart>) => () => void) | undefined
  /** When the whole run ends, in milliseconds from now: what runs then is stopped, and no host is begun any more. */
  deadlineMs?: number | undefined
  /** Once aborted, no host is begun any more; what runs goes on. */
  noMore?: AbortSignal | undefined
  onAnswer?: ((answer: Answer<Exit>) => void | Promise<void>) | undefined
}

/**
 * Runs a command on many hosts at once, and remembers those that failed for `@failed`.
 * @returns one answer per machine; an exit code other than 0 is an answer, not an error
 */
export async function runOnHosts(
  fleet: Fleet,
  machines: readonly Machine[],
  command: ProcessCommand,
  { streamsFor, onStart, deadlineMs, noMore, onAnswer, ...options }: ManyHostsOptions,
): Promise<Answer<Exit>[]> {
  const deadline = deadlineMs === undefined ? undefined : AbortSignal.timeout(deadlineMs)
  const signal = anyOf(fleet.signal, deadline)
  const outOfTime = (host: string, what: 'begun' | 'done') =>
    deadline?.aborted && !fleet.signal.aborted ? notInTime(host, what, deadlineMs ?? 0) : undefined
  const runOn = async (machine: Machine, turn: Slot): Promise<Exit> => {
    const late = outOfTime(machine.name, 'begun')
    if (late) throw late
    const streams = streamsFor(machine.name)
    let host: Host | undefined
    let ended: (() => void) | undefined
    const started: OnStart = sendSignal => {
      ended = onStart?.(sendSignal)
    }
    try {
      host = fleet.host(machine)
      return await host.stream(command, streams, { ...options, signal, slot: turn, onStart: started })
    } catch (error) {
      throw outOfTime(machine.name, 'done') ?? error
    } finally {
      ended?.()
      // thousands of connections that nobody needs any more would fill the memory, and end all at once
      host?.close()
      await streams.done()
    }
  }
  const answers = await fanOut(machines, runOn, { ...fleet, signal: anyOf(fleet.signal, noMore), onAnswer })
  await rememberFailures(fleet, answers)
  return answers
}

/** Remembers for `@failed` which hosts failed; hosts that were not asked are forgotten. */
export async function rememberFailures(fleet: Fleet, answers: readonly Answer<unknown>[]): Promise<void> {
  await fleet.lastFailures.set(answers.filter(failed).map(answer => answer.host))
}

/** Whether a host gave no answer, or its command ended with another code than 0. */
export function failed(answer: Answer<unknown>): boolean {
  return causeOf(answer) !== undefined
}

/**
 * Why a host failed, in words that are the same for all hosts that failed alike: `exit code 2`, `unreachable`,
 * `host key`. Undefined when it did not fail.
 */
export function causeOf(answer: Answer<unknown>): string | undefined {
  if (!answer.ok) return causeOfError(answer.error)
  const { code, signal } = answer.value as Partial<Exit>
  if (signal !== undefined) return `ended by ${signal}`
  return code === undefined || code === 0 ? undefined : `exit code ${code}`
}

function causeOfError({ code }: BeltError): string {
  return code.replace(/^host-/, '').replaceAll('-', ' ')
}

function notInTime(host: string, what: 'begun' | 'done', deadlineMs: number): HostError {
  const message = `${host} was not ${what} when the run ended, after ${deadlineMs / 1000} s`
  return new HostError('timeout', host, message, {
    hint: 'Give the run more time with --deadline; @failed names the hosts that did not finish',
    details: { deadlineMs },
  })
}

function anyOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter(signal => signal !== undefined))
}

/** Opens a login shell on a machine's host; without a terminal it reads its commands from `stdin`. */
export function openShell(fleet: Fleet, machine: Machine, streams: Streams): Promise<Exit> {
  const host = fleet.host(machine)
  const { pty, ...plain } = streams
  return pty
    ? host.shell({ ...plain, pty }, { signal: fleet.signal })
    : host.stream({ shell: 'exec "$SHELL" -l' }, plain, { signal: fleet.signal })
}
