import type { Answer } from '../hosts/fan-out.ts'
import type { Joined } from '../operations/swarm/join.ts'
import { type AnswerRow, answerLines, answerRows } from './answers.ts'

/** What `belt swarm join --json` prints of one machine. */
export type JoinedRow = AnswerRow<{
  role: Joined['role']
  joined: boolean
  /** Whether the join was late: its engine gave up waiting, but the join succeeded. Scripts read this name. */
  timedOut: boolean
}>

/** @param role the role that was asked for */
export function joinedRows(answers: readonly Answer<Joined>[], role: Joined['role']): JoinedRow[] {
  return answerRows(answers, value => ({
    role,
    joined: value !== undefined,
    timedOut: value?.isLate ?? false,
  }))
}

/** A line for each machine that is in the swarm now, in docker's words. */
export function joinedLines(answers: readonly Answer<Joined>[]): string {
  return answerLines(answers, ({ changed, role, isLate }) => {
    if (!changed) return `This node belongs to this swarm as a ${role} already.`
    return `This node joined a swarm as a ${role}${isLate ? ' (late: its engine had given up waiting)' : ''}.`
  })
}
