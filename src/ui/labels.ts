import type { Answer } from '../hosts/fan-out.ts'
import { type AnswerRow, answerLines, answerRows } from './answers.ts'

/** What `belt swarm label --json` prints of one node. */
export type LabelRow = AnswerRow<{ changes: string[] }>

/** The changes to the labels of each node, one line a node. */
export function labelLines(answers: readonly Answer<string[]>[]): string {
  return answerLines(answers, changes => changes.join(', ') || 'has these labels already')
}

export function labelRows(answers: readonly Answer<string[]>[]): LabelRow[] {
  return answerRows(answers, changes => ({ changes: changes ?? [] }))
}
