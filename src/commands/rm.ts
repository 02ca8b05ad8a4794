import { BeltCommand } from '../cli/base-command.ts'
import { foldShort } from '../domain/ranges.ts'
import {
  type Destruction,
  destroyMachines,
  selectForRemoval,
  swarmImpact,
  sweepUp,
} from '../operations/machines/destroy.ts'
import { describeImpact } from '../ui/impact.ts'

export default class Rm extends BeltCommand {
  static override summary = 'Destroy machines'
  static override description =
    `Asks first, and names what it will destroy; --yes answers for you. Refuses to take so many managers that the swarm would lose its quorum, unless the whole cluster goes.`
  static override usage = 'rm NODES...'
  static override examples = ["<%= config.bin %> rm 'node[3:4]'", '<%= config.bin %> rm @all --yes']
  static override strict = false

  override async run(): Promise<{ destroyed: string[]; failed: string[] }> {
    const { argv, flags } = await this.parse(Rm)
    this.requireWords(argv, 'the names of the machines to destroy are missing', "belt rm 'node[3:4]'")
    const fleet = await this.openFleet(flags)
    const all = await fleet.driver.list({ signal: fleet.signal })
    const machines = await selectForRemoval(fleet, argv as string[])
    if (machines.length === 0) {
      await sweepUp(fleet)
      return { destroyed: [], failed: [] }
    }
    const impact = await swarmImpact(fleet, all, machines)
    const names = foldShort(machines.map(machine => machine.name))
    const warning = describeImpact(impact)
    if (warning) fleet.progress.note(warning)
    const verb = fleet.driver.destroyVerb
    await this.confirm(
      `${capitalised(verb)} ${names} of ${fleet.cluster} (${machines.length} machines)?`,
      flags,
    )
    const { destroyed, failures } = await destroyMachines(fleet, machines)
    this.print(destroyed.map(name => `${name}\n`).join(''))
    this.reportFailures(failures, machines.length)
    return { destroyed, failed: failures.map(failure => failure.name) } satisfies Omit<
      Destruction,
      'failures'
    > & {
      failed: string[]
    }
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
