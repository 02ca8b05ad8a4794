import { RoleCommand, type RoleRow } from '../../cli/role-command.ts'

export default class SwarmPromote extends RoleCommand {
  static override summary = 'Make nodes managers, one at a time'
  static override description =
    `Waits until each is reachable as a manager before the next. Refused (exit code 5) when the managers that answer could not bear a new one that fails to arrive; warned of when it leads to an even number of managers, which tolerates no more losses than one less.`
  static override usage = 'swarm promote NODES...'
  static override examples = ["<%= config.bin %> swarm promote 'node[1:2]'"]
  static override strict = false

  override async run(): Promise<RoleRow[]> {
    const { argv, flags } = await this.parse(SwarmPromote)
    return this.changeAll(argv, flags, 'manager')
  }
}
