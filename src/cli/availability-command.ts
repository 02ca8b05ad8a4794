import { changeAvailability } from '../operations/swarm/availability.ts'
import type { Availability } from '../remote/nodes.ts'
import { type AnswerRow, answerLines, answerRows } from '../ui/answers.ts'
import { BeltCommand } from './base-command.ts'
import type { GlobalFlags } from './flags/global-flags.ts'
import { nodeWords } from './flags/managers-flag.ts'

/** The row of one node, as `--json` prints it. */
export type AvailabilityRow = AnswerRow<{ availability: Availability; changed: boolean }>

/** The base of the commands that change the availability of nodes without waiting. */
export abstract class AvailabilityCommand extends BeltCommand {
  static override readonly lock = 'swarm'

  protected async setAll(
    argv: readonly unknown[],
    flags: GlobalFlags & { managers: boolean },
    availability: 'active' | 'pause',
  ): Promise<AvailabilityRow[]> {
    const words = nodeWords(argv, flags.managers)
    this.requireWords(words, 'specify at least one node', 'name the nodes, or add --managers')
    const answers = await this.withFleet(flags, fleet => changeAvailability(fleet, words, availability))
    this.print(answerLines(answers, ({ changed }) => (changed ? availability : `already ${availability}`)))
    this.reportAnswers(answers)
    return answerRows(answers, value => ({ availability, changed: value?.changed ?? false }))
  }
}
