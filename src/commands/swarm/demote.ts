import { RoleCommand, type RoleRow } from '../../cli/role-command.ts'

export default class SwarmDemote extends RoleCommand {
  static override summary = 'Make managers workers, one at a time, the leader last'
  static override description =
    `Waits until each really is a worker, its certificate included, before the next: a host that is stopped earlier starts again as a manager. Refused (exit code 5), in numbers, when the swarm would lose its quorum; warned of when it leads to an even number of managers. Another manager takes the lead when the leader is demoted.`
  static override usage = 'swarm demote NODES...'
  static override examples = ['<%= config.bin %> swarm demote mg2']
  static override strict = false

  override async run(): Promise<RoleRow[]> {
    const { argv, flags } = await this.parse(SwarmDemote)
    return this.changeAll(argv, flags, 'worker')
  }
}
