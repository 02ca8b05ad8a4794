import { Flags } from '@oclif/core'
import { parseBytes } from '../domain/size.ts'
import { usageError } from '../errors.ts'
import { durationFlag } from './flags.ts'

/** How the outputs of several hosts are shown. */
export type OutputMode = 'stream' | 'gather' | 'json' | 'ndjson'

/** In JSON a byte may take six, and a string of JavaScript has 512 MiB at most. */
const MOST_OF_ONE = 32 * 1024 ** 2

const bytesFlag = Flags.custom<number>({
  helpValue: 'SIZE',
  async parse(text) {
    const bytes = parseBytes(text)
    if (bytes !== undefined && bytes <= MOST_OF_ONE) return bytes
    const message = bytes === undefined ? `"${text}" is not a size` : `${text} is too much to keep`
    throw usageError('bad-size', message, { hint: 'write 64kb, 1mb or 32mb, or --stream, which keeps none' })
  },
})

/** What commands share that run something on hosts. */
export const runFlags = {
  gather: Flags.boolean({
    exclusive: ['stream', 'ndjson', 'json'],
    summary: 'group hosts with identical output (default on a terminal for more than 10 hosts)',
  }),
  stream: Flags.boolean({
    exclusive: ['gather', 'ndjson', 'json'],
    summary: 'print lines as they arrive, prefixed with the host name (default for several hosts)',
  }),
  ndjson: Flags.boolean({
    exclusive: ['gather', 'stream', 'json'],
    summary: 'print one line of JSON per host as each one ends',
  }),
  'max-output': bytesFlag({
    summary:
      'limit the stdout and the stderr kept per host, unless they are streamed (default 1mb, less for more than 64 hosts)',
  }),
  deadline: durationFlag({ summary: 'limit the duration of the whole run; --timeout applies to each host' }),
  stdin: Flags.boolean({ summary: 'pass standard input to every host' }),
}

export interface RunFlags {
  readonly gather: boolean
  readonly stream: boolean
  readonly ndjson: boolean
  readonly 'max-output'?: number | undefined
  readonly deadline?: number | undefined
  readonly timeout?: number | undefined
  readonly stdin: boolean
}

/** More hosts than this are gathered on a terminal: their lines would be a screenful. */
const MOST_STREAMED = 10

/** How outputs are shown. Undefined for one host, whose streams pass through. */
export function outputMode(
  flags: RunFlags,
  options: { json: boolean; hosts: number; isTerminal: boolean },
): OutputMode | undefined {
  if (options.json) return 'json'
  for (const mode of ['gather', 'stream', 'ndjson'] as const) if (flags[mode]) return mode
  if (options.hosts === 1) return undefined
  return options.isTerminal && options.hosts > MOST_STREAMED ? 'gather' : 'stream'
}

const KEPT_OF_ONE = 1024 ** 2
/** Of all hosts together: text that is no UTF-8 takes twice that of memory. */
const KEPT_OF_ALL = 128 * 1024 ** 2

/** How much stdout and stderr is kept per host by default, in bytes: 1 MiB, less for more than 64 hosts. */
export function defaultMaxOutput(hosts: number): number {
  return Math.min(KEPT_OF_ONE, Math.floor(KEPT_OF_ALL / (2 * hosts)))
}
