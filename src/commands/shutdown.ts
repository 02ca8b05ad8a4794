import { BeltCommand } from '../cli/base-command.ts'
import type { Machine } from '../drivers/driver.ts'
import { guardSwarm } from '../operations/machines/destroy.ts'
import { shutDown } from '../operations/machines/power.ts'
import { selectMachines } from '../operations/select-machines.ts'
import { machineTable } from '../ui/machines.ts'

export default class Shutdown extends BeltCommand {
  static override summary = 'Stop machines gracefully'
  static override description =
    'Refused when the swarm would lose its quorum, unless the whole cluster stops.'
  static override usage = 'shutdown NODES...'
  static override examples = ["<%= config.bin %> shutdown 'node[3:4]'"]
  static override strict = false

  override async run(): Promise<Machine[]> {
    const { argv, flags } = await this.parse(Shutdown)
    this.requireWords(argv, 'the names of the machines are missing', "belt shutdown 'node[3:4]'")
    const fleet = await this.openFleet(flags)
    const selected = await selectMachines(fleet, argv as string[])
    await guardSwarm(fleet, selected)
    const { machines, failures } = await shutDown(fleet, selected)
    this.print(machineTable(machines))
    this.reportFailures(failures, machines.length)
    return machines
  }
}
