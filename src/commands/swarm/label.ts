import { BeltCommand } from '../../cli/base-command.ts'
import { parseLabelWords } from '../../domain/labels.ts'
import { labelNodes } from '../../operations/swarm/label.ts'
import { type LabelRow, labelLines, labelRows } from '../../ui/labels.ts'

export default class SwarmLabel extends BeltCommand {
  static override readonly lock = 'swarm'
  static override summary = 'Set and remove node labels'
  static override description =
    `Placement constraints (node.labels.KEY==VALUE) and preferences use these labels. They survive changes of role, and are lost when a node leaves.`
  static override usage = 'swarm label NODES... KEY=VALUE... KEY-...'
  static override examples = ["<%= config.bin %> swarm label 'node[1:2]' zone=a disk=ssd old-"]
  static override strict = false

  override async run(): Promise<LabelRow[]> {
    const { argv, flags } = await this.parse(SwarmLabel)
    const { nodes, edit } = parseLabelWords(argv as string[])
    this.requireWords(nodes, 'the names of the nodes are missing', 'belt swarm label node1 zone=a')
    this.requireWords(
      [...edit.set, ...edit.remove],
      'no label is named',
      'belt swarm label node1 zone=a old-',
    )
    const answers = await this.withFleet(flags, fleet => labelNodes(fleet, nodes, edit))
    this.print(labelLines(answers))
    this.reportAnswers(answers)
    return labelRows(answers)
  }
}
