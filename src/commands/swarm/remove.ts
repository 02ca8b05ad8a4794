import { Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { failedOf } from '../../hosts/fan-out.ts'
import { type RemovedNodes, removeFromSwarm } from '../../operations/swarm/remove-and-destroy.ts'
import { describeLeft, describeLost } from '../../ui/contents.ts'
import { describeDrain } from '../../ui/drain.ts'
import { removalQuestion, removedLines } from '../../ui/removal.ts'

interface RemoveResult {
  readonly removed: string[]
  readonly destroyed: string[]
  readonly failed: string[]
}

export default class SwarmRemove extends BeltCommand {
  static override readonly lock = 'swarm'
  static override summary = 'Remove nodes from the swarm safely, step by step'
  static override description =
    `Drains the nodes, demotes managers, makes the nodes leave, waits until the managers see them as down, removes them from the node list, and with --destroy destroys their machines. Asks for confirmation. Refuses (exit code 5) if the swarm would lose its quorum. If a step fails for a node, run the same command again to continue. --unreachable is for nodes that are lost for good. They are neither drained nor asked to leave. If such a node comes back, it must leave (belt swarm leave) before it can join again.`
  static override usage = 'swarm remove NODES... [--destroy] [--unreachable]'
  static override examples = [
    "<%= config.bin %> swarm remove 'node[3:4]' --destroy",
    '<%= config.bin %> swarm remove --unreachable node2',
  ]
  static override strict = false
  static override flags = {
    destroy: Flags.boolean({ summary: 'destroy their machines at the end' }),
    unreachable: Flags.boolean({
      summary: 'give up nodes that no longer answer: machine names, or ids of nodes without a machine',
    }),
  }

  override async run(): Promise<RemoveResult> {
    const { argv, flags } = await this.parse(SwarmRemove)
    this.requireWords(argv, 'no node is named', "belt swarm remove 'node[3:4]'")
    const { destroy, unreachable } = flags
    const request = { nodes: argv as string[], destroy, unreachable, drainDeadlineMs: flags.timeout }
    const removed = await this.withFleet(flags, fleet =>
      removeFromSwarm(fleet, request, async ({ removal, impacts, contents }) => {
        if (impacts.length > 0) fleet.progress.note(describeDrain(impacts))
        if (contents.length > 0) fleet.progress.note((destroy ? describeLost : describeLeft)(contents))
        await this.confirm(removalQuestion(removal, { cluster: fleet.cluster, destroy }), flags)
      }),
    )
    return this.#report(removed)
  }

  #report(result: RemovedNodes): RemoveResult {
    const { answers, destruction } = result
    this.print(removedLines(result))
    const failures = [
      ...failedOf(answers).map(({ host, error }) => ({ name: host, error })),
      ...destruction.failures,
    ]
    this.reportFailures(failures, answers.length)
    return {
      removed: answers.filter(({ ok }) => ok).map(({ host }) => host),
      destroyed: destruction.destroyed,
      failed: failures.map(({ name }) => name),
    }
  }
}
