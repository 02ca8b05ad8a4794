import { BeltCommand } from '../cli/base-command.ts'
import { swarmLostFlag } from '../cli/swarm-lost-flag.ts'
import type { Machine } from '../drivers/driver.ts'
import type { Fleet } from '../operations/fleet.ts'
import { assertSwarmCanSpare } from '../operations/machines/impact.ts'
import { shutDown } from '../operations/machines/power.ts'
import { namesAll, selectMachines } from '../operations/select-machines.ts'
import { machineTable } from '../ui/machines.ts'

export default class Shutdown extends BeltCommand {
  static override summary = 'Stop machines gracefully'
  static override description =
    'Refused when the swarm would lose its quorum, unless the whole cluster stops.'
  static override usage = 'shutdown NODES...'
  static override examples = ["<%= config.bin %> shutdown 'node[3:4]'"]
  static override strict = false
  static override flags = { 'swarm-lost': swarmLostFlag }

  override async run(): Promise<Machine[]> {
    const { argv, flags } = await this.parse(Shutdown)
    this.requireWords(argv, 'the names of the machines are missing', "belt shutdown 'node[3:4]'")
    const names = argv as string[]
    const change = async (fleet: Fleet) => {
      const selected = await selectMachines(fleet, names)
      await assertSwarmCanSpare(fleet, selected, flags['swarm-lost'])
      return shutDown(fleet, selected)
    }
    const { machines, failures } = await this.changeMachines(flags, change, fleet => namesAll(fleet, names))
    this.print(machineTable(machines))
    this.reportFailures(failures, machines.length)
    return machines
  }
}
