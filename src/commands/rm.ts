import { BeltCommand } from '../cli/base-command.ts'
import type { GlobalFlags } from '../cli/flags.ts'
import { swarmLostFlag } from '../cli/swarm-lost-flag.ts'
import { foldShort } from '../domain/ranges.ts'
import type { Fleet } from '../operations/fleet.ts'
import {
  type Destruction,
  destroyMachines,
  selectForRemoval,
  sweepUp,
} from '../operations/machines/destroy.ts'
import { swarmImpact } from '../operations/machines/impact.ts'
import { namesAll } from '../operations/select-machines.ts'
import { describeImpact } from '../ui/impact.ts'

export default class Rm extends BeltCommand {
  static override readonly lock = 'machines'
  static override summary = 'Destroy machines'
  static override description =
    `Shows what will be destroyed and asks for confirmation, unless you add --yes. Refuses if the swarm would lose its quorum, unless you destroy the whole cluster.`
  static override usage = 'rm NODES...'
  static override examples = ["<%= config.bin %> rm 'node[3:4]'", '<%= config.bin %> rm @all --yes']
  static override strict = false
  static override flags = { 'swarm-lost': swarmLostFlag }

  override async run(): Promise<{ destroyed: string[]; failed: string[] }> {
    const { argv, flags } = await this.parse(Rm)
    this.requireWords(argv, 'no machine is named', "belt rm 'node[3:4]'")
    const names = argv as string[]
    const { destroyed, failures } = await this.withFleet(flags, fleet => this.#remove(fleet, names, flags), {
      endsSwarm: fleet => namesAll(fleet, names),
    })
    this.print(destroyed.map(name => `${name}\n`).join(''))
    this.reportFailures(failures, destroyed.length + failures.length)
    return { destroyed, failed: failures.map(failure => failure.name) }
  }

  async #remove(
    fleet: Fleet,
    names: readonly string[],
    flags: GlobalFlags & { 'swarm-lost': boolean },
  ): Promise<Destruction> {
    const all = await fleet.machines.list(fleet.signal)
    const machines = await selectForRemoval(fleet, names)
    if (machines.length === 0) {
      await sweepUp(fleet)
      return { destroyed: [], failures: [] }
    }
    const warning = describeImpact(await swarmImpact(fleet, all, machines, flags['swarm-lost']))
    if (warning) fleet.progress.note(warning)
    const verb = capitalised(fleet.driver.destroyVerb)
    const folded = foldShort(machines.map(machine => machine.name))
    await this.confirm(`${verb} ${folded} of ${fleet.cluster} (${machines.length} machines)?`, flags)
    return destroyMachines(fleet, machines)
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
