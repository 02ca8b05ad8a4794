import { line } from '../domain/shown.ts'
import type { Answer } from '../hosts/fan-out.ts'

/** The `--json` row of one host or node: its result, or its error. */
export type AnswerRow<R> = { readonly name: string } & R & { readonly error?: string }

/** One row per answer. @param rowOf makes a row from the value of an answer; a failed answer has no value */
export function answerRows<T, R extends object>(
  answers: readonly Answer<T>[],
  rowOf: (value: T | undefined) => R,
): AnswerRow<R>[] {
  return answers.map(answer => ({
    name: answer.host,
    ...rowOf(answer.ok ? answer.value : undefined),
    ...(!answer.ok && { error: answer.error.message }),
  }))
}

/** One line per successful answer, prefixed with its name. */
export function answerLines<T>(answers: readonly Answer<T>[], lineOf: (value: T) => string): string {
  return answers
    .flatMap(answer => (answer.ok ? line`${answer.host}: ${lineOf(answer.value)}\n` : []))
    .join('')
}
