import type { Answer } from '../hosts/fan-out.ts'
import { changeRoles, type RoleChanged } from '../operations/swarm/change-roles.ts'
import { selectNodes } from '../operations/swarm/select-nodes.ts'
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
    const answers = await this.changeSwarm(flags, async fleet => {
      const view = await selectNodes(fleet, argv as string[])
      return changeRoles(fleet, view, role, answer => this.print(lineOf(answer, role)))
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

function lineOf(answer: Answer<RoleChanged>, role: Node['role']): string {
  if (!answer.ok) return ''
  return `${answer.host}: ${answer.value.changed ? `is a ${role} now` : `was a ${role} already`}\n`
}
