import { AvailabilityCommand } from '../../cli/availability-command.ts'
import { managersFlag } from '../../cli/flags/managers-flag.ts'
import type { AvailabilityRow } from '../../ui/availability.ts'

export default class SwarmPause extends AvailabilityCommand {
  static override summary = 'Keep the tasks of nodes running, but assign no new ones'
  static override usage = 'swarm pause [NODES...] [--managers]'
  static override examples = ["<%= config.bin %> swarm pause 'node[1:2]'"]
  static override strict = false
  static override flags = { managers: managersFlag }

  override async run(): Promise<AvailabilityRow[]> {
    const { argv, flags } = await this.parse(SwarmPause)
    return this.setAll(argv, flags, 'pause')
  }
}
