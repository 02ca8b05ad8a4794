import { BeltCommand } from '../cli/base-command.ts'
import type { Machine } from '../drivers/driver.ts'
import { guardSwarm } from '../operations/machines/destroy.ts'
import { reboot } from '../operations/machines/power.ts'
import { selectMachines } from '../operations/select-machines.ts'
import { machineTable } from '../ui/machines.ts'

export default class Reboot extends BeltCommand {
  static override summary = 'Restart machines, and wait until they answer over SSH'
  static override description = 'All of them at once: refused when the swarm would lose its quorum meanwhile.'
  static override usage = 'reboot NODES...'
  static override examples = ["<%= config.bin %> reboot 'node[3:4]'"]
  static override strict = false

  override async run(): Promise<Machine[]> {
    const { argv, flags } = await this.parse(Reboot)
    this.requireWords(argv, 'the names of the machines are missing', "belt reboot 'node[3:4]'")
    const fleet = await this.openFleet(flags)
    const selected = await selectMachines(fleet, argv as string[])
    await guardSwarm(fleet, selected)
    const { machines, failures } = await reboot(fleet, selected)
    this.print(machineTable(machines))
    this.reportFailures(failures, machines.length)
    return machines
  }
}
