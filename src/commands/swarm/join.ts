import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import { type Joined, joinNodes } from '../../operations/swarm/join.ts'

export default class SwarmJoin extends BeltCommand {
  static override summary = 'Join machines to the swarm of a manager'
  static override description =
    `Workers join many at once, managers (--manager) one at a time. A machine that belongs to this swarm already is done; one that belongs to another swarm is an error. The join token is never shown.`
  static override examples = [
    "<%= config.bin %> swarm join mg0 'node[1:4]'",
    "<%= config.bin %> swarm join --manager mg0 'mg[1:2]'",
  ]
  static override args = {
    manager: Args.string({ required: true, description: 'a manager of the swarm' }),
    nodes: Args.string({ required: true, description: 'the machines that join' }),
  }
  static override flags = { manager: Flags.boolean({ summary: 'join as managers, one at a time' }) }

  override async run(): Promise<{ name: string; role: string; joined: boolean; error?: string }[]> {
    const { args, flags } = await this.parse(SwarmJoin)
    const request = {
      manager: args.manager,
      nodes: args.nodes,
      role: flags.manager ? 'manager' : 'worker',
      onAnswer: (answer: Answer<Joined>) => this.print(lineOf(answer)),
    } as const
    const answers = await this.changeSwarm(flags, fleet => joinNodes(fleet, request))
    const failures = answers.flatMap(answer =>
      answer.ok ? [] : [{ name: answer.host, error: answer.error }],
    )
    this.reportFailures(failures, answers.length)
    return answers.map(answer => ({
      name: answer.host,
      role: flags.manager ? 'manager' : 'worker',
      joined: answer.ok,
      ...(!answer.ok && { error: answer.error.message }),
    }))
  }
}

function lineOf(answer: Answer<Joined>): string {
  if (!answer.ok) return ''
  const { changed, role } = answer.value
  return `${answer.host}: This node ${changed ? 'joined a' : 'belongs to this'} swarm as a ${role}${changed ? '' : ' already'}.\n`
}
