import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import { type Joined, joinNodes } from '../../operations/swarm/join.ts'

interface JoinedJson {
  name: string
  role: string
  joined: boolean
  /** Whether the engine gave up waiting, and the join came to its end nevertheless. */
  timedOut: boolean
  error?: string
}

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

  override async run(): Promise<JoinedJson[]> {
    const { args, flags } = await this.parse(SwarmJoin)
    const role = flags.manager ? 'manager' : 'worker'
    const request = { manager: args.manager, nodes: args.nodes, role } as const
    const answers = await this.changeSwarm(flags, fleet => joinNodes(fleet, request))
    this.print(answers.map(lineOf).join(''))
    const failures = answers.flatMap(answer =>
      answer.ok ? [] : [{ name: answer.host, error: answer.error }],
    )
    this.reportFailures(failures, answers.length)
    return answers.map(answer => ({
      name: answer.host,
      role,
      joined: answer.ok,
      timedOut: answer.ok && answer.value.isLate,
      ...(!answer.ok && { error: answer.error.message }),
    }))
  }
}

function lineOf(answer: Answer<Joined>): string {
  if (!answer.ok) return ''
  const { changed, role, isLate } = answer.value
  if (!changed) return `${answer.host}: This node belongs to this swarm as a ${role} already.\n`
  const late = isLate ? ' (late: its engine had given up waiting)' : ''
  return `${answer.host}: This node joined a swarm as a ${role}${late}.\n`
}
