import type { Answer } from '../hosts/fan-out.ts'

/** What `--json` prints of one host or node: what became of it, and the error that kept it from more. */
export type AnswerRow<R> = { readonly name: string } & R & { readonly error?: string }

/** A row for each answer. @param rowOf shapes the value of an answer; a failed one has none */
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

/** A line for each answer that did not fail, led by its name. */
export function answerLines<T>(answers: readonly Answer<T>[], lineOf: (value: T) => string): string {
  return answers.flatMap(answer => (answer.ok ? `${answer.host}: ${lineOf(answer.value)}\n` : [])).join('')
}
