import { changeRoles } from '../operations/swarm/change-roles.ts'
import { openSwarm } from '../operations/swarm/members.ts'
import type { Node } from '../remote/nodes.ts'
import { BeltCommand } from './base-command.ts'
import type { GlobalFlags } from './flags.ts'

/** What `--json` prints of one node. */
export interface RoleRow {
  readonly name: string
  readonly role: Node['role']
  readonly changed: boolean
  readonly error?: string
}

/** What promotion and demotion share. */
export abstract class RoleCommand extends BeltCommand {
  protected async changeAll(
    argv: readonly unknown[],
    flags: GlobalFlags,
    role: Node['role'],
  ): Promise<RoleRow[]> {
    const verb = role === 'manager' ? 'promote' : 'demote'
    this.requireWords(argv, 'the names of the nodes are missing', `belt swarm ${verb} NODES`)
    const fleet = await this.openFleet(flags)
    const view = await openSwarm(fleet, argv as string[])
    const answers = await changeRoles(fleet, view, role, answer => {
      if (!answer.ok) return
      this.print(
        `${answer.host}: ${answer.value.changed ? 'is' : 'was'} a ${role} ${answer.value.changed ? 'now' : 'already'}\n`,
      )
    })
    const failures = answers.flatMap(answer =>
      answer.ok ? [] : [{ name: answer.host, error: answer.error }],
    )
    this.reportFailures(failures, answers.length)
    return answers.map(answer => ({
      name: answer.host,
      role,
      changed: answer.ok && answer.value.changed,
      ...(!answer.ok && { error: answer.error.message }),
    }))
  }
}
