import type { Machine } from '../drivers/driver.ts'
import { ExitCode } from '../errors.ts'
import type { StreamOptions } from '../hosts/host.ts'
import type { Fleet } from '../operations/fleet.ts'
import { failed, runOnHost, runOnHosts } from '../operations/run-on-hosts.ts'
import type { Command } from '../remote/command.ts'
import { failureLines } from '../ui/failure-lines.ts'
import { prefixedLines } from '../ui/prefixed-lines.ts'
import type { Interruption, InterruptSignal } from './interruption.ts'
import { spoolStdin } from './spool-stdin.ts'
import { withTerminal } from './terminal.ts'

const REMOTE_SIGNAL = { SIGINT: 'INT', SIGTERM: 'TERM', SIGHUP: 'TERM' } as const

export interface PassThroughOptions {
  /** Hand Belt's standard input to each of several hosts; one host always gets it. */
  readonly stdin: boolean
  /** The deadline of each host's command, in milliseconds; none unless told. */
  readonly timeoutMs?: number | undefined
}

/**
 * Runs a command as if it ran here: on one host its streams and exit code are Belt's own; on several, lines are led
 * by the host's name as they come, and a last line names the hosts that failed.
 * @returns the exit code for Belt: the remote one of one host; 0, 4 (some failed) or 1 (all failed) of several
 */
export async function passThrough(
  fleet: Fleet,
  machines: readonly Machine[],
  command: Command,
  interruption: Interruption,
  options: PassThroughOptions,
): Promise<number> {
  const streamOptions: StreamOptions = {
    onStart: forwardSignals(interruption),
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
  }
  const [only, ...more] = machines
  if (only && more.length === 0) return onOne(fleet, only, command, streamOptions)
  return onMany(fleet, machines, command, streamOptions, options.stdin)
}

async function onOne(
  fleet: Fleet,
  machine: Machine,
  command: Command,
  options: StreamOptions,
): Promise<number> {
  const exit = await withTerminal(pty =>
    runOnHost(
      fleet,
      machine,
      command,
      { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, ...(pty && { pty }) },
      options,
    ),
  )
  return exit.code
}

async function onMany(
  fleet: Fleet,
  machines: readonly Machine[],
  command: Command,
  options: StreamOptions,
  withStdin: boolean,
): Promise<number> {
  const spool = withStdin ? await spoolStdin(fleet.signal) : undefined
  const answers = await runOnHosts(fleet, machines, command, {
    ...options,
    streamsFor(name) {
      const stdout = prefixedLines(`${name}: `, process.stdout)
      const stderr = prefixedLines(`${name}: `, process.stderr)
      return {
        stdout,
        stderr,
        ...(spool && { stdin: spool.read() }),
        done() {
          stdout.end()
          stderr.end()
        },
      }
    },
  })
  process.stderr.write(failureLines(answers))
  const failures = answers.filter(failed).length
  if (failures === 0) return ExitCode.done
  return failures < machines.length ? ExitCode.partial : ExitCode.failed
}

/** Sends the first Ctrl-C (or its like) to every remote process; the next one ends Belt. */
function forwardSignals(interruption: Interruption): NonNullable<StreamOptions['onStart']> {
  const senders: ((name: 'INT' | 'TERM' | 'KILL') => void)[] = []
  return send => {
    senders.push(send)
    interruption.handNextTo((name: InterruptSignal) => {
      for (const sender of senders) sender(REMOTE_SIGNAL[name])
    })
  }
}
