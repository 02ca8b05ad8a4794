import { BeltCommand } from '../cli/base-command.ts'
import type { Machine } from '../drivers/driver.ts'
import { startUp } from '../operations/machines/power.ts'
import { selectMachines } from '../operations/select-machines.ts'
import { machineTable } from '../ui/machines.ts'

export default class Start extends BeltCommand {
  static override summary = 'Start machines, and wait until they answer over SSH'
  static override description = 'They come back with the private addresses they had.'
  static override usage = 'start NODES...'
  static override examples = ["<%= config.bin %> start 'node[3:4]'"]
  static override strict = false

  override async run(): Promise<Machine[]> {
    const { argv, flags } = await this.parse(Start)
    this.requireWords(argv, 'the names of the machines are missing', "belt start 'node[3:4]'")
    const { machines, failures } = await this.changeMachines(flags, async fleet =>
      startUp(fleet, await selectMachines(fleet, argv as string[])),
    )
    this.print(machineTable(machines))
    this.reportFailures(failures, machines.length)
    return machines
  }
}
