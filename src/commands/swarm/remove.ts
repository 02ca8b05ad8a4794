import { Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { fold } from '../../domain/ranges.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import { type Destruction, destroyMachines } from '../../operations/machines/destroy.ts'
import { drainImpacts } from '../../operations/swarm/drain.ts'
import {
  machinesOf,
  planRemoval,
  planUnreachableRemoval,
  type Removal,
  removeNodes,
} from '../../operations/swarm/remove.ts'
import { describeDrain } from '../../ui/drain.ts'

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
    return this.withFleet(flags, async fleet => {
      const plan = flags.unreachable ? planUnreachableRemoval : planRemoval
      const removal = await plan(fleet, argv as string[])
      const impacts = removal.unreachable ? [] : await drainImpacts(fleet, removal.view)
      if (impacts.length > 0) fleet.progress.note(describeDrain(impacts))
      await this.confirm(question(removal, fleet, flags.destroy), flags)
      const answers = await removeNodes(fleet, removal, flags.timeout)
      const destruction = await destroyMachines(fleet, flags.destroy ? machinesOf(removal, answers) : [])
      return this.#report(answers, destruction)
    })
  }

  #report(answers: readonly Answer<void>[], { destroyed, failures }: Destruction): RemoveResult {
    const removed = answers.filter(answer => answer.ok).map(answer => answer.host)
    this.print(
      removed.map(name => `${name}: removed${destroyed.includes(name) ? ' and destroyed' : ''}\n`).join(''),
    )
    const failed = [
      ...answers.flatMap(answer => (answer.ok ? [] : [{ name: answer.host, error: answer.error }])),
      ...failures,
    ]
    this.reportFailures(failed, answers.length)
    return { removed, destroyed, failed: failed.map(({ name }) => name) }
  }
}

function question({ view, unreachable }: Removal, fleet: { cluster: string }, destroy: boolean): string {
  const names = fold(view.members.map(({ name }) => name))
  const verb = unreachable ? 'Give up' : 'Remove'
  return `${verb} ${names} of the swarm of ${fleet.cluster}${destroy ? ', and destroy their machines' : ''}?`
}
