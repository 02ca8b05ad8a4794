import { Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { managersFlag, nodeWords } from '../../cli/flags/managers-flag.ts'
import { type DrainResult, drainSelected } from '../../operations/swarm/drain-selected.ts'
import { describeLeft } from '../../ui/contents.ts'
import { describeDrain, drainedLines } from '../../ui/drain.ts'

export default class SwarmDrain extends BeltCommand {
  static override readonly lock = 'swarm'
  static override summary = 'Move all tasks off nodes, and wait until they run elsewhere'
  static override description =
    `First lists the services that will have downtime or cannot run elsewhere, the jobs that a drain does not stop, and the containers outside of services. Then waits until the nodes have no tasks and each service runs as many tasks on other nodes. If that takes longer than --timeout (default 5m, or longer if the services need it to stop), the nodes get their previous availability back. Containers outside of services stay.`
  static override usage = 'swarm drain [NODES...] [--managers]'
  static override examples = [
    "<%= config.bin %> swarm drain 'node[1:2]'",
    '<%= config.bin %> swarm drain --managers',
    '<%= config.bin %> swarm drain node1 --dry-run',
  ]
  static override strict = false
  static override flags = {
    managers: managersFlag,
    'dry-run': Flags.boolean({ summary: 'show the impact on services, and change nothing' }),
  }

  override async run(): Promise<DrainResult> {
    const { argv, flags } = await this.parse(SwarmDrain)
    const nodes = nodeWords(argv, flags.managers)
    this.requireWords(nodes, 'the names of the nodes are missing', 'belt swarm drain node1, or --managers')
    const dryRun = flags['dry-run']
    const result = await this.withFleet(
      flags,
      fleet =>
        drainSelected(fleet, { nodes, dryRun, deadlineMs: flags.timeout }, ({ impacts, left }) => {
          if (impacts.length > 0) fleet.progress.note(describeDrain(impacts))
          if (left.length > 0) fleet.progress.note(describeLeft(left))
        }),
      dryRun ? { lock: 'none' } : {},
    )
    this.print(drainedLines(result.drained))
    return result
  }
}
