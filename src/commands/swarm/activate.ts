import { AvailabilityCommand, type AvailabilityRow } from '../../cli/availability-command.ts'
import { managersFlag } from '../../cli/swarm-nodes.ts'

export default class SwarmActivate extends AvailabilityCommand {
  static override summary = 'Let nodes take tasks again'
  static override description =
    `Tasks that run elsewhere stay there: a swarm does not move what runs. To spread a service anew: belt docker service update --force NAME.`
  static override usage = 'swarm activate [NODES...] [--managers]'
  static override examples = ["<%= config.bin %> swarm activate 'node[1:2]'"]
  static override strict = false
  static override flags = { managers: managersFlag }

  override async run(): Promise<AvailabilityRow[]> {
    const { argv, flags } = await this.parse(SwarmActivate)
    return this.setAll(argv, flags, 'active')
  }
}
