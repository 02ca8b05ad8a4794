import type { HostOutput } from '../operations/collect-outputs.ts'
import { errorAsJson } from './error.ts'

/** The row of one host in `--json` and `--ndjson`. Bytes that are not UTF-8 are shown as U+FFFD. */
export interface HostRow {
  readonly host: string
  /** Absent if the end of the command was not seen. */
  readonly exitCode?: number
  readonly signal?: string
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
  readonly truncated: boolean
  readonly error?: Record<string, unknown>
}

export function hostRow({ answer, stdout, stderr, truncated }: HostOutput): HostRow {
  const { host, durationMs } = answer
  return {
    host,
    ...(answer.ok && { exitCode: answer.value.code }),
    ...(answer.ok && answer.value.signal && { signal: answer.value.signal }),
    stdout,
    stderr,
    durationMs: Math.round(durationMs),
    truncated,
    ...(!answer.ok && errorAsJson(answer.error)),
  }
}
