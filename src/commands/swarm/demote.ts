import { RoleCommand } from '../../cli/role-command.ts'
import type { RoleRow } from '../../ui/roles.ts'

export default class SwarmDemote extends RoleCommand {
  static override summary = 'Demote managers to workers, one at a time and the leader last'
  static override description =
    `Waits until each node is a worker, with a worker's certificate, before the next one: a host that stops earlier would start as a manager again. Refuses (exit code 5) if the swarm would lose its quorum, and warns if an even number of managers remains. If the leader is demoted, another manager takes over.`
  static override usage = 'swarm demote NODES...'
  static override examples = ['<%= config.bin %> swarm demote mg2']
  static override strict = false

  override async run(): Promise<RoleRow[]> {
    const { argv, flags } = await this.parse(SwarmDemote)
    return this.changeAll(argv, flags, 'worker')
  }
}
