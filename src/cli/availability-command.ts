import { changeAvailability } from '../operations/swarm/availability.ts'
import type { Availability } from '../remote/nodes.ts'
import { BeltCommand } from './base-command.ts'
import type { GlobalFlags } from './flags.ts'
import { nodeWords } from './swarm-nodes.ts'

/** What `--json` prints of one node. */
export interface AvailabilityRow {
  readonly name: string
  readonly availability: Availability
  readonly changed: boolean
  readonly error?: string
}

/** What the commands share that change the availability of nodes and wait for nothing. */
export abstract class AvailabilityCommand extends BeltCommand {
  protected async setAll(
    argv: readonly unknown[],
    flags: GlobalFlags & { managers: boolean },
    availability: 'active' | 'pause',
  ): Promise<AvailabilityRow[]> {
    const words = nodeWords(argv, flags.managers)
    this.requireWords(words, 'the names of the nodes are missing', 'name them, or give --managers')
    const answers = await this.changeSwarm(flags, fleet => changeAvailability(fleet, words, availability))
    const rows = answers.map(answer => ({
      name: answer.host,
      availability,
      changed: answer.ok && answer.value.changed,
      ...(!answer.ok && { error: answer.error.message }),
    }))
    for (const { name, changed, error } of rows) {
      if (error === undefined)
        this.print(`${name}: ${changed ? '' : 'was '}${availability}${changed ? '' : ' already'}\n`)
    }
    const failures = answers.flatMap(answer =>
      answer.ok ? [] : [{ name: answer.host, error: answer.error }],
    )
    this.reportFailures(failures, answers.length)
    return rows
  }
}
