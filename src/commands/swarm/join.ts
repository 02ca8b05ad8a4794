import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { joinNodes } from '../../operations/swarm/join.ts'
import { type JoinedRow, joinedLines, joinedRows } from '../../ui/join.ts'

export default class SwarmJoin extends BeltCommand {
  static override readonly lock = 'swarm'
  static override summary = 'Join machines to the swarm of a manager'
  static override description =
    `Up to 25 workers join at once, fewer if the managers respond late. Managers (--manager) join one at a time. Machines that belong to this swarm already are skipped, and those still joining are waited for. A machine of another swarm is an error. @failed selects failed machines in the next command. Belt never shows the join token.`
  static override examples = [
    "<%= config.bin %> swarm join mg0 'node[1:4]'",
    "<%= config.bin %> swarm join mg0 'mg[1:2]' --manager",
    '<%= config.bin %> swarm join mg0 @failed',
  ]
  static override args = {
    manager: Args.string({ required: true, description: 'a manager of the swarm' }),
    nodes: Args.string({ required: true, description: 'the machines that join' }),
  }
  static override flags = { manager: Flags.boolean({ summary: 'join as managers, one at a time' }) }

  override async run(): Promise<JoinedRow[]> {
    const { args, flags } = await this.parse(SwarmJoin)
    const role = flags.manager ? 'manager' : 'worker'
    const request = { manager: args.manager, nodes: args.nodes, role } as const
    const answers = await this.withFleet(flags, fleet => joinNodes(fleet, request))
    this.print(joinedLines(answers))
    this.reportAnswers(answers)
    return joinedRows(answers, role)
  }
}
