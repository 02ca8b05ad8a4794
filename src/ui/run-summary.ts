import { fold } from '../domain/ranges.ts'
import { line, shownMessage } from '../domain/shown.ts'
import type { Answer } from '../hosts/fan-out.ts'
import { causeOf } from '../operations/run-on-hosts.ts'

/** How many of the slowest hosts to name. */
const SLOWEST = 3

/**
 * Summarizes a run on many hosts: how many succeeded, the slowest hosts, the failures by cause with the most frequent first,
 * and a last line that counts and names the failed hosts.
 * @param elapsedMs the duration of the whole run
 */
export function runSummary(answers: readonly Answer<unknown>[], elapsedMs: number): string {
  const failures = byCause(answers)
  const names = [...failures.values()].flat().map(answer => answer.host)
  const succeeded = answers.length - names.length
  return [
    `${succeeded} of ${answers.length} succeeded in ${seconds(elapsedMs)}; ${slowest(answers)}`,
    ...[...failures].sort(([, a], [, b]) => b.length - a.length).map(causeLine),
    ...(names.length > 0 ? [line`failed on ${names.length} of ${answers.length}: ${fold(names)}`] : []),
    '',
  ].join('\n')
}

function byCause(answers: readonly Answer<unknown>[]): Map<string, Answer<unknown>[]> {
  const groups = new Map<string, Answer<unknown>[]>()
  for (const answer of answers) {
    const cause = causeOf(answer)
    if (cause !== undefined) groups.set(cause, [...(groups.get(cause) ?? []), answer])
  }
  return groups
}

/** Messages with one cause differ in little more than names and addresses, so only the first is shown. */
function causeLine([cause, answers]: [string, Answer<unknown>[]]): string {
  const [first] = answers
  const heading = line`${cause} (${answers.length}): ${fold(answers.map(answer => answer.host))}`
  if (!first || first.ok) return heading
  const { message, hint } = first.error
  return `${heading}\n  ${shownMessage(message)}${hint ? `\n  ${shownMessage(hint)}` : ''}`
}

function slowest(answers: readonly Answer<unknown>[]): string {
  const named = answers
    .toSorted((a, b) => b.durationMs - a.durationMs)
    .slice(0, SLOWEST)
    .map(({ host, durationMs }) => `${host} ${seconds(durationMs)}`)
  return `slowest: ${named.join(', ')}`
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(durationMs < 10_000 ? 1 : 0)} s`
}
