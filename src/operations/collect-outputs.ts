import type { Readable } from 'node:stream'
import type { Machine } from '../drivers/driver.ts'
import { Collector } from '../hosts/collector.ts'
import type { Answer } from '../hosts/fan-out.ts'
import type { Exit } from '../hosts/host.ts'
import type { ProcessCommand } from '../remote/command.ts'
import type { Fleet } from './fleet.ts'
import { type ManyHostsOptions, runOnHosts } from './run-on-hosts.ts'

/** What one host printed, and how its command ended. What came before a failure is kept too. */
export interface HostOutput {
  readonly answer: Answer<Exit>
  readonly stdout: string
  readonly stderr: string
  /** True when output beyond the limit was dropped. */
  readonly truncated: boolean
}

export interface CollectOptions extends Omit<ManyHostsOptions, 'streamsFor' | 'onAnswer'> {
  /** How much of stdout and of stderr is kept of each host, in bytes each. */
  readonly maxOutputBytes: number
  /** What each host reads (default: nothing). */
  readonly stdin?: (() => Readable) | undefined
  /** Called as each host ends; its output is kept nowhere else. */
  onOutput(output: HostOutput): void | Promise<void>
}

/** Runs a command on many hosts as `runOnHosts` does, and hands over what each printed when it has ended. */
export function collectOutputs(
  fleet: Fleet,
  machines: readonly Machine[],
  command: ProcessCommand,
  { maxOutputBytes, stdin, onOutput, ...options }: CollectOptions,
): Promise<Answer<Exit>[]> {
  const running = new Map<string, { stdout: Collector; stderr: Collector }>()
  return runOnHosts(fleet, machines, command, {
    ...options,
    streamsFor(name) {
      const streams = { stdout: new Collector(maxOutputBytes), stderr: new Collector(maxOutputBytes) }
      running.set(name, streams)
      return { ...streams, ...(stdin && { stdin: stdin() }), done() {} }
    },
    onAnswer(answer) {
      const streams = running.get(answer.host)
      running.delete(answer.host)
      return onOutput({
        answer,
        stdout: streams?.stdout.text() ?? '',
        stderr: streams?.stderr.text() ?? '',
        truncated: streams !== undefined && (streams.stdout.truncated || streams.stderr.truncated),
      })
    },
  })
}
