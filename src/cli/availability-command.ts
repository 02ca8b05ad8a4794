import { changeAvailability } from '../operations/swarm/availability.ts'
import { type AvailabilityRow, availabilityLines, availabilityRows } from '../ui/availability.ts'
import { BeltCommand } from './base-command.ts'
import type { GlobalFlags } from './flags/global-flags.ts'
import { nodeWords } from './flags/managers-flag.ts'

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
    this.print(availabilityLines(answers))
    this.reportAnswers(answers)
    return availabilityRows(answers, availability)
  }
}
