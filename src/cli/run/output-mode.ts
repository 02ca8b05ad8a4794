import type { RunFlags } from '../flags/run-flags.ts'

/** How to show the outputs of several hosts. */
export type OutputMode = 'stream' | 'gather' | 'json' | 'ndjson'

/** On a terminal, the output of more hosts is grouped, because streamed lines would fill the screen. */
const MOST_STREAMED = 10

/** How to show outputs. Undefined for a single host, because its streams pass through. */
export function outputMode(
  flags: RunFlags,
  options: { json: boolean; hosts: number; isTerminal: boolean },
): OutputMode | undefined {
  if (options.json) return 'json'
  for (const mode of ['gather', 'stream', 'ndjson'] as const) if (flags[mode]) return mode
  if (options.hosts === 1) return undefined
  return options.isTerminal && options.hosts > MOST_STREAMED ? 'gather' : 'stream'
}

const DEFAULT_BYTES = 1024 ** 2
/** For all hosts together. Text that is not UTF-8 takes twice as much memory. */
const DEFAULT_TOTAL_BYTES = 128 * 1024 ** 2

/** The default limit for stdout and for stderr per host, in bytes: 1 MiB, or less for more than 64 hosts. */
export function defaultMaxOutput(hosts: number): number {
  return Math.min(DEFAULT_BYTES, Math.floor(DEFAULT_TOTAL_BYTES / (2 * hosts)))
}
