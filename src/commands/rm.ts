import { BeltCommand } from '../cli/base-command.ts'
import { swarmLostFlag } from '../cli/flags/swarm-lost-flag.ts'
import type { Fleet } from '../operations/fleet.ts'
import { removeMachines } from '../operations/machines/remove.ts'
import { namesAll } from '../operations/select-machines.ts'
import { describeLost } from '../ui/contents.ts'
import { describeImpact, destructionQuestion } from '../ui/impact.ts'
import { lines } from '../ui/lines.ts'

export default class Rm extends BeltCommand {
  static override readonly lock = 'machines'
  static override summary = 'Destroy machines'
  static override description =
    `Shows what will be destroyed, with the containers outside of services and the volumes that are lost, and asks for confirmation, unless you add --yes. Refuses if the swarm would lose its quorum, unless you destroy the whole cluster.`
  static override usage = 'rm NODES...'
  static override examples = ["<%= config.bin %> rm 'node[3:4]'", '<%= config.bin %> rm @all --yes']
  static override strict = false
  static override flags = { 'swarm-lost': swarmLostFlag }

  override async run(): Promise<{ destroyed: string[]; failed: string[] }> {
    const { argv, flags } = await this.parse(Rm)
    this.requireWords(argv, 'no machine is named', "belt rm 'node[3:4]'")
    const names = argv as string[]
    const remove = (fleet: Fleet) =>
      removeMachines(fleet, names, {
        swarmLost: flags['swarm-lost'],
        confirm: async plan => {
          const warning = describeImpact(plan.impact)
          if (warning) fleet.progress.note(warning)
          if (plan.contents.length > 0) fleet.progress.note(describeLost(plan.contents))
          await this.confirm(destructionQuestion(plan, fleet), flags)
        },
      })
    const { destroyed, failures } = await this.withFleet(flags, remove, {
      endsSwarm: fleet => namesAll(fleet, names),
    })
    this.print(lines(destroyed))
    this.reportFailures(failures, destroyed.length + failures.length)
    return { destroyed, failed: failures.map(failure => failure.name) }
  }
}
