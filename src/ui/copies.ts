import { fold } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
import { formatBytes } from '../domain/size.ts'
import type { Answer } from '../hosts/fan-out.ts'
import type { Copied } from '../operations/copy.ts'
import { errorAsJson } from './error.ts'

/** What `belt cp --json` prints. */
export interface CopyDocument {
  readonly hosts: readonly (Partial<Copied> & {
    host: string
    durationMs: number
    error?: Record<string, unknown>
  })[]
  readonly failed: readonly string[]
}

export function copyDocument(answers: readonly Answer<Copied>[]): CopyDocument {
  return {
    hosts: answers.map(answer => ({
      host: answer.host,
      durationMs: Math.round(answer.durationMs),
      ...(answer.ok ? answer.value : errorAsJson(answer.error)),
    })),
    failed: answers.filter(answer => !answer.ok).map(answer => answer.host),
  }
}

/** One line with the hosts and the copied files; empty if nothing was copied. */
export function copiesLine(answers: readonly Answer<Copied>[], target: string): string {
  const done = answers.flatMap(answer => (answer.ok ? [{ host: answer.host, ...answer.value }] : []))
  if (done.length === 0) return ''
  const bytes = done.reduce((sum, copy) => sum + copy.bytes, 0)
  const place = done.length === 1 ? (done[0]?.path ?? target) : target
  return line`${fold(done.map(copy => copy.host))}: ${place} (${done.length} ${done.length === 1 ? 'file' : 'files'}, ${formatBytes(bytes)})\n`
}
