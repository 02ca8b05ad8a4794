import { fold } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
import type { Answer } from '../hosts/fan-out.ts'
import { type Departure, endsSwarm } from '../operations/swarm/leave.ts'
import { type AnswerRow, answerLines, answerRows } from './answers.ts'

/** What `belt swarm leave --json` prints of one host. */
export type DepartedRow = AnswerRow<{ changed: boolean }>

/** What the user is asked before hosts leave their swarm. */
export function departureQuestion(departure: Departure, cluster: string): string {
  const hosts = [...departure.workers, ...departure.managers].map(({ name }) => name)
  const end = endsSwarm(departure) ? ' This ends the swarm: its services, secrets and configs are lost.' : ''
  return line`Let ${fold(hosts)} of ${cluster} leave ${hosts.length === 1 ? 'its' : 'their'} swarm?${end}`
}

/** A line for each host that is in no swarm now. */
export function departedLines(answers: readonly Answer<boolean>[]): string {
  return answerLines(answers, left => (left ? 'left its swarm' : 'is in no swarm'))
}

export function departedRows(answers: readonly Answer<boolean>[]): DepartedRow[] {
  return answerRows(answers, changed => ({ changed: changed ?? false }))
}
