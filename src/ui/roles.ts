import type { Answer } from '../hosts/fan-out.ts'
import type { RoleChanged } from '../operations/swarm/change-roles.ts'
import { type AnswerRow, answerLines, answerRows } from './answers.ts'

/** What `belt swarm promote --json` and `belt swarm demote --json` print of one node. */
export type RoleRow = AnswerRow<RoleChanged>

/** A line for a node that has the role now; empty if the change failed. */
export function roleLine(answer: Answer<RoleChanged>): string {
  return answerLines([answer], ({ role, changed }) => (changed ? `is now a ${role}` : `already a ${role}`))
}

export function roleRows(answers: readonly Answer<RoleChanged>[], role: RoleChanged['role']): RoleRow[] {
  return answerRows(answers, value => ({ role, changed: value?.changed ?? false }))
}
