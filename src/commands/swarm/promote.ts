import { RoleCommand } from '../../cli/role-command.ts'
import type { RoleRow } from '../../ui/roles.ts'

export default class SwarmPromote extends RoleCommand {
  static override summary = 'Promote nodes to managers, one at a time'
  static override description =
    `Waits until each node is reachable as a manager before the next one. Refuses (exit code 5) if the swarm would lose its quorum in case the new manager fails, and warns about an even number of managers, which tolerates no more failures than one manager less.`
  static override usage = 'swarm promote NODES...'
  static override examples = ["<%= config.bin %> swarm promote 'node[1:2]'"]
  static override strict = false

  override async run(): Promise<RoleRow[]> {
    const { argv, flags } = await this.parse(SwarmPromote)
    return this.changeAll(argv, flags, 'manager')
  }
}
