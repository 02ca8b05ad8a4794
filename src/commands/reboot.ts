import { BeltCommand } from '../cli/base-command.ts'
import { swarmLostFlag } from '../cli/swarm-lost-flag.ts'
import type { Machine } from '../drivers/driver.ts'
import type { Fleet } from '../operations/fleet.ts'
import { assertSwarmCanSpare } from '../operations/machines/impact.ts'
import { reboot } from '../operations/machines/power.ts'
import { namesAll, selectMachines } from '../operations/select-machines.ts'
import { machineTable } from '../ui/machines.ts'

export default class Reboot extends BeltCommand {
  static override summary = 'Restart machines, and wait until they answer over SSH'
  static override description = 'All of them at once: refused when the swarm would lose its quorum meanwhile.'
  static override usage = 'reboot NODES...'
  static override examples = ["<%= config.bin %> reboot 'node[3:4]'"]
  static override strict = false
  static override flags = { 'swarm-lost': swarmLostFlag }

  override async run(): Promise<Machine[]> {
    const { argv, flags } = await this.parse(Reboot)
    this.requireWords(argv, 'the names of the machines are missing', "belt reboot 'node[3:4]'")
    const names = argv as string[]
    const change = async (fleet: Fleet) => {
      const selected = await selectMachines(fleet, names)
      await assertSwarmCanSpare(fleet, selected, flags['swarm-lost'])
      return reboot(fleet, selected)
    }
    const { machines, failures } = await this.changeMachines(flags, change, fleet => namesAll(fleet, names))
    this.print(machineTable(machines))
    this.reportFailures(failures, machines.length)
    return machines
  }
}
