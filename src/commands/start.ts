import { PowerCommand } from '../cli/power-command.ts'
import type { Machine } from '../drivers/driver.ts'
import { startUp } from '../operations/machines/power.ts'

export default class Start extends PowerCommand {
  static override summary = 'Start machines, and wait until they answer over SSH'
  static override description = 'Machines keep their private addresses.'
  static override usage = 'start NODES...'
  static override examples = ["<%= config.bin %> start 'node[3:4]'"]
  static override strict = false

  override async run(): Promise<Machine[]> {
    const { argv, flags } = await this.parse(Start)
    this.requireNames(argv, "belt start 'node[3:4]'")
    return this.bringUp(argv as string[], flags, startUp)
  }
}
