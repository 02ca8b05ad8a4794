import type { Machine } from '../../drivers/driver.ts'
import type { Fleet } from '../../operations/fleet.ts'
import { runAgainOnHost, runOnHost } from '../../operations/run-on-hosts.ts'
import type { RunTargets } from '../../operations/select-machines.ts'
import type { ProcessCommand } from '../../remote/command.ts'
import { stdio } from '../../ui/stdio.ts'
import type { RunFlags } from '../flags/run-flags.ts'
import type { Interruption } from '../interruption.ts'
import { defaultMaxOutput, outputMode } from './output-mode.ts'
import { relaySignals } from './relay-signals.ts'
import { runOnMany } from './run-on-many.ts'
import type { ManyRun } from './shows.ts'
import { spoolStdin } from './spool-stdin.ts'
import { withOwnStreams } from './terminal.ts'

export interface PassThroughOptions extends RunFlags {
  readonly json: boolean
}

/**
 * Runs a command as if it ran locally. On one host, Belt uses the command's streams and exit code as its own. On several
 * hosts, the flags decide how to show the output, and the last lines list the failures and their causes.
 * @returns the exit code: of one host the remote one; of several 0, 4 (some failed), 1 (all failed) or 130 (interrupted)
 */
export async function passThrough(
  fleet: Fleet,
  { machines, again }: RunTargets,
  command: ProcessCommand,
  interruption: Interruption,
  options: PassThroughOptions,
): Promise<number> {
  const { json, deadline, timeout, stdin } = options
  const isTerminal = stdio.stdout.isTTY
  const mode = outputMode(options, { json, hosts: machines.length, isTerminal })
  const [only] = machines
  if (mode === undefined && only) return onOne(fleet, only, command, interruption, { ...options, again })
  const run: ManyRun = {
    mode: mode ?? 'stream',
    maxOutputBytes: options['max-output'] ?? defaultMaxOutput(machines.length),
    relay: relaySignals(interruption),
    spool: stdin ? await spoolStdin(fleet.signal) : undefined,
    deadlineMs: deadline,
    ...(timeout !== undefined && { timeoutMs: timeout }),
  }
  return runOnMany(fleet, machines, command, run)
}

/** The same on one host: its streams and its exit code are Belt's own. */
export async function onOne(
  fleet: Fleet,
  machine: Machine,
  command: ProcessCommand,
  interruption: Interruption,
  { timeout, deadline, again }: Pick<RunFlags, 'timeout' | 'deadline'> & { again?: boolean },
): Promise<number> {
  const timeoutMs = Math.min(timeout ?? Number.POSITIVE_INFINITY, deadline ?? Number.POSITIVE_INFINITY)
  const run = again ? runAgainOnHost : runOnHost
  const exit = await withOwnStreams(streams =>
    run(fleet, machine, command, streams, {
      onStart: relaySignals(interruption).onStart,
      ...(Number.isFinite(timeoutMs) && { timeoutMs }),
    }),
  )
  return exit.code
}
