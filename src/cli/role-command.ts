import { changeRoles } from '../operations/swarm/change-roles.ts'
import { selectNodes } from '../operations/swarm/select-nodes.ts'
import type { Node } from '../remote/nodes.ts'
import { type AnswerRow, answerLines, answerRows } from '../ui/answers.ts'
import { BeltCommand } from './base-command.ts'
import type { GlobalFlags } from './flags/global-flags.ts'

/** The row of one node, as `--json` prints it. */
export type RoleRow = AnswerRow<{ role: Node['role']; changed: boolean }>

/** The base of the commands that promote and demote nodes. */
export abstract class RoleCommand extends BeltCommand {
  static override readonly lock = 'swarm'

  protected async changeAll(
    argv: readonly unknown[],
    flags: GlobalFlags,
    role: Node['role'],
  ): Promise<RoleRow[]> {
    const verb = role === 'manager' ? 'promote' : 'demote'
    this.requireWords(argv, 'specify at least one node', `belt swarm ${verb} NODES`)
    const answers = await this.withFleet(flags, async fleet => {
      const view = await selectNodes(fleet, argv as string[])
      return changeRoles(fleet, view, role, answer =>
        this.print(answerLines([answer], ({ changed }) => roleInWords(changed, role))),
      )
    })
    this.reportAnswers(answers)
    return answerRows(answers, value => ({ role, changed: value?.changed ?? false }))
  }
}

function roleInWords(changed: boolean, role: Node['role']): string {
  return changed ? `is now a ${role}` : `already a ${role}`
}
