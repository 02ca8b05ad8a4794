import { AvailabilityCommand } from '../../cli/availability-command.ts'
import { managersFlag } from '../../cli/flags/managers-flag.ts'
import type { AvailabilityRow } from '../../ui/availability.ts'

export default class SwarmActivate extends AvailabilityCommand {
  static override summary = 'Let nodes accept tasks again'
  static override description =
    `Running tasks stay where they are, because a swarm does not move them. To spread a service again, run: belt docker service update --force NAME.`
  static override usage = 'swarm activate [NODES...] [--managers]'
  static override examples = ["<%= config.bin %> swarm activate 'node[1:2]'"]
  static override strict = false
  static override flags = { managers: managersFlag }

  override async run(): Promise<AvailabilityRow[]> {
    const { argv, flags } = await this.parse(SwarmActivate)
    return this.setAll(argv, flags, 'active')
  }
}
