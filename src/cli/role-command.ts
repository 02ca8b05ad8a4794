import { changeRolesOf, type RoleChanged } from '../operations/swarm/change-roles.ts'
import { type RoleRow, roleLine, roleRows } from '../ui/roles.ts'
import { BeltCommand } from './base-command.ts'
import type { GlobalFlags } from './flags/global-flags.ts'

/** The base of the commands that promote and demote nodes. */
export abstract class RoleCommand extends BeltCommand {
  static override readonly lock = 'swarm'

  protected async changeAll(
    argv: readonly unknown[],
    flags: GlobalFlags,
    role: RoleChanged['role'],
  ): Promise<RoleRow[]> {
    const verb = role === 'manager' ? 'promote' : 'demote'
    this.requireWords(argv, 'specify at least one node', `belt swarm ${verb} NODES`)
    const answers = await this.withFleet(flags, fleet =>
      changeRolesOf(fleet, argv as string[], role, answer => this.print(roleLine(answer))),
    )
    this.reportAnswers(answers)
    return roleRows(answers, role)
  }
}
