import { BeltCommand } from '../../cli/base-command.ts'
import { parseLabelWords } from '../../domain/labels.ts'
import { labelNodes } from '../../operations/swarm/label.ts'

export default class SwarmLabel extends BeltCommand {
  static override summary = 'Set and remove labels of nodes'
  static override description =
    `Labels are what placement constraints (node.labels.KEY==VALUE) and preferences go by. The swarm keeps them through changes of role, and forgets them when a node leaves.`
  static override usage = 'swarm label NODES... KEY=VALUE... KEY-...'
  static override examples = ["<%= config.bin %> swarm label 'node[1:2]' zone=a disk=ssd old-"]
  static override strict = false

  override async run(): Promise<{ name: string; changes: string[]; error?: string }[]> {
    const { argv, flags } = await this.parse(SwarmLabel)
    const { nodes, edit } = parseLabelWords(argv as string[])
    this.requireWords(nodes, 'the names of the nodes are missing', 'belt swarm label node1 zone=a')
    this.requireWords(
      [...edit.set, ...edit.remove],
      'no label is named',
      'belt swarm label node1 zone=a old-',
    )
    const answers = await this.changeSwarm(flags, fleet => labelNodes(fleet, nodes, edit))
    for (const answer of answers) {
      if (answer.ok) this.print(`${answer.host}: ${answer.value.join(', ') || 'is labelled so already'}\n`)
    }
    const failures = answers.flatMap(answer =>
      answer.ok ? [] : [{ name: answer.host, error: answer.error }],
    )
    this.reportFailures(failures, answers.length)
    return answers.map(answer => ({
      name: answer.host,
      changes: answer.ok ? answer.value : [],
      ...(!answer.ok && { error: answer.error.message }),
    }))
  }
}
