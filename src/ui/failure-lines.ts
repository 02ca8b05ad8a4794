import { fold } from '../domain/ranges.ts'
import type { Answer } from '../hosts/fan-out.ts'
import type { Exit } from '../hosts/host.ts'

/**
 * The end of a run on many hosts: a line for each host that gave no answer or ended with another code than 0, and a
 * last line that counts and names them, folded. Empty when all succeeded.
 */
export function failureLines(answers: readonly Answer<Exit>[]): string {
  const failures = answers.flatMap(answer => {
    if (!answer.ok) return [{ name: answer.host, reason: answer.error.message }]
    if (answer.value.code === 0) return []
    return [{ name: answer.host, reason: `exit code ${answer.value.code}` }]
  })
  if (failures.length === 0) return ''
  const lines = failures.map(({ name, reason }) => `${name}: ${withoutName(name, reason)}`)
  const names = fold(failures.map(failure => failure.name))
  return [...lines, `failed on ${failures.length} of ${answers.length}: ${names}`, ''].join('\n')
}

function withoutName(name: string, reason: string): string {
  return reason.startsWith(`${name}: `) ? reason.slice(name.length + 2) : reason
}
