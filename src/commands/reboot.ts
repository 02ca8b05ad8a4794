import { swarmLostFlag } from '../cli/flags/swarm-lost-flag.ts'
import { PowerCommand } from '../cli/power-command.ts'
import type { Machine } from '../drivers/driver.ts'
import { reboot } from '../operations/machines/power.ts'

export default class Reboot extends PowerCommand {
  static override summary = 'Restart machines, and wait until they answer over SSH'
  static override description =
    'Restarts all of them at once. Refuses if the swarm would lose its quorum meanwhile.'
  static override usage = 'reboot NODES...'
  static override examples = ["<%= config.bin %> reboot 'node[3:4]'"]
  static override strict = false
  static override flags = { 'swarm-lost': swarmLostFlag }

  override async run(): Promise<Machine[]> {
    const { argv, flags } = await this.parse(Reboot)
    this.requireNames(argv, "belt reboot 'node[3:4]'")
    return this.takeDown(argv as string[], flags, reboot)
  }
}
