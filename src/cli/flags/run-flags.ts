import { Flags } from '@oclif/core'
import { parseBytes } from '../../domain/size.ts'
import { usageError } from '../../errors.ts'
import { durationFlag } from './duration-flag.ts'

/** A byte can take six in JSON, and a JavaScript string holds at most 512 MiB. */
const MAX_OUTPUT_BYTES = 32 * 1024 ** 2

const bytesFlag = Flags.custom<number>({
  helpValue: 'SIZE',
  async parse(text) {
    const bytes = parseBytes(text)
    if (bytes !== undefined && bytes <= MAX_OUTPUT_BYTES) return bytes
    const message = bytes === undefined ? `"${text}" is not a size` : `${text} is more than 32mb`
    throw usageError('bad-size', message, {
      hint: 'write 64kb, 1mb or 32mb, or use --stream, which has no limit',
    })
  },
})

/** The flags of commands that run something on hosts. */
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
