import { Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { managersFlag, nodeWords } from '../../cli/swarm-nodes.ts'
import type { DrainImpact } from '../../domain/swarm/drain-forecast.ts'
import type { Fleet } from '../../operations/fleet.ts'
import { type Drained, drainImpacts, drainNodes } from '../../operations/swarm/drain.ts'
import { selectNodes } from '../../operations/swarm/select-nodes.ts'
import { describeDrain } from '../../ui/drain.ts'

export default class SwarmDrain extends BeltCommand {
  static override summary = 'Move all tasks away from nodes, and wait until they run elsewhere'
  static override description =
    `Says beforehand which services will have downtime or find no other place. Waits until no task exists on the nodes any more and each service runs as many tasks elsewhere; a drain that does not end by --timeout (5 minutes, or what the services' own times to stop need) gives the nodes back the availability that they had. Containers that no service started stay.`
  static override usage = 'swarm drain [NODES...] [--managers]'
  static override examples = [
    "<%= config.bin %> swarm drain 'node[1:2]'",
    '<%= config.bin %> swarm drain --managers',
    '<%= config.bin %> swarm drain node1 --dry-run',
  ]
  static override strict = false
  static override flags = {
    managers: managersFlag,
    'dry-run': Flags.boolean({ summary: 'say what would happen to the services, and change nothing' }),
  }

  override async run(): Promise<{ impacts: DrainImpact[]; drained: Drained[] }> {
    const { argv, flags } = await this.parse(SwarmDrain)
    const words = nodeWords(argv, flags.managers)
    this.requireWords(words, 'the names of the nodes are missing', 'belt swarm drain node1, or --managers')
    const drain = async (fleet: Fleet) => {
      const view = await selectNodes(fleet, words)
      const impacts = await drainImpacts(fleet, view)
      if (impacts.length > 0) fleet.progress.note(describeDrain(impacts))
      const drained = flags['dry-run'] ? [] : await drainNodes(fleet, view, flags.timeout)
      return { impacts, drained }
    }
    const result = await (flags['dry-run']
      ? drain(await this.openFleet(flags))
      : this.changeSwarm(flags, drain))
    this.print(result.drained.map(lineOf).join(''))
    return result
  }
}

function lineOf({ name, previous, changed }: Drained): string {
  return `${name}: ${changed ? `drained; it was ${previous}` : 'was drained already, and is empty'}\n`
}
