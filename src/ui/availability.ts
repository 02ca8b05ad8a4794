import type { Answer } from '../hosts/fan-out.ts'
import type { AvailabilityChange } from '../operations/swarm/availability.ts'
import { type AnswerRow, answerLines, answerRows } from './answers.ts'

/** What `belt swarm activate --json` and `belt swarm pause --json` print of one node. */
export type AvailabilityRow = AnswerRow<AvailabilityChange>

/** A line for each node that has the availability now. */
export function availabilityLines(answers: readonly Answer<AvailabilityChange>[]): string {
  return answerLines(answers, ({ availability, changed }) =>
    changed ? availability : `already ${availability}`,
  )
}

export function availabilityRows(
  answers: readonly Answer<AvailabilityChange>[],
  availability: AvailabilityChange['availability'],
): AvailabilityRow[] {
  return answerRows(answers, value => ({ availability, changed: value?.changed ?? false }))
}
