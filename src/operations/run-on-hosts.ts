import type { Machine } from '../drivers/driver.ts'
import { type Answer, fanOut } from '../hosts/fan-out.ts'
import type { Exit, StreamOptions, Streams } from '../hosts/host.ts'
import type { Command } from '../remote/command.ts'
import type { Fleet } from './fleet.ts'

/** Runs a command on one machine's host, connected to the given streams. */
export function runOnHost(
  fleet: Fleet,
  machine: Machine,
  command: Command,
  streams: Streams,
  options: StreamOptions = {},
): Promise<Exit> {
  return fleet.host(machine).stream(command, streams, { signal: fleet.signal, ...options })
}

export interface ManyHostsOptions extends StreamOptions {
  /** The streams of one host; closed with `done` when its command has ended. */
  streamsFor(name: string): Streams & { done(): void }
}

/**
 * Runs a command on many hosts at once, and remembers those that failed for `@failed`.
 * @returns one answer per machine; an exit code other than 0 is an answer, not an error
 */
export async function runOnHosts(
  fleet: Fleet,
  machines: readonly Machine[],
  command: Command,
  { streamsFor, ...options }: ManyHostsOptions,
): Promise<Answer<Exit>[]> {
  const answers = await fanOut(
    machines,
    async machine => {
      const streams = streamsFor(machine.name)
      try {
        return await runOnHost(fleet, machine, command, streams, options)
      } finally {
        streams.done()
      }
    },
    fleet,
  )
  await fleet.lastFailures.set(answers.filter(failed).map(answer => answer.host))
  return answers
}

/** Whether a host gave no answer, or ended with another code than 0. */
export function failed(answer: Answer<Exit>): boolean {
  return !answer.ok || answer.value.code !== 0
}

/** Opens a login shell on a machine's host; without a terminal it reads its commands from `stdin`. */
export function openShell(fleet: Fleet, machine: Machine, streams: Streams): Promise<Exit> {
  const host = fleet.host(machine)
  const { pty, ...plain } = streams
  return pty
    ? host.shell({ ...plain, pty }, { signal: fleet.signal })
    : host.stream({ run: { shell: 'exec "$SHELL" -l' } }, plain, { signal: fleet.signal })
}
