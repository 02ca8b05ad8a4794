import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { type Joined, joinNodes } from '../../operations/swarm/join.ts'
import { type AnswerRow, answerLines, answerRows } from '../../ui/answers.ts'

type JoinedRow = AnswerRow<{
  role: string
  joined: boolean
  /** Whether the engine gave up waiting, and the join succeeded nevertheless. */
  timedOut: boolean
}>

export default class SwarmJoin extends BeltCommand {
  static override summary = 'Join machines to the swarm of a manager'
  static override description =
    `Workers join many at once, up to 25, and fewer as soon as the managers are late; managers (--manager) one at a time. A machine that belongs to this swarm already is done, one that is still joining is waited for, one that belongs to another swarm is an error. Those that failed are @failed in the next command. The join token is never shown.`
  static override examples = [
    "<%= config.bin %> swarm join mg0 'node[1:4]'",
    "<%= config.bin %> swarm join --manager mg0 'mg[1:2]'",
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
    const answers = await this.changeSwarm(flags, fleet => joinNodes(fleet, request))
    this.print(answerLines(answers, joinedInWords))
    this.reportAnswers(answers)
    return answerRows(answers, value => ({
      role,
      joined: value !== undefined,
      timedOut: value?.timedOut ?? false,
    }))
  }
}

function joinedInWords({ changed, role, timedOut }: Joined): string {
  if (!changed) return `This node belongs to this swarm as a ${role} already.`
  return `This node joined a swarm as a ${role}${timedOut ? ' (late: its engine had given up waiting)' : ''}.`
}
