import { swarmLostFlag } from '../cli/flags/swarm-lost-flag.ts'
import { PowerCommand } from '../cli/power-command.ts'
import type { Machine } from '../drivers/driver.ts'
import { shutDown } from '../operations/machines/power.ts'

export default class Shutdown extends PowerCommand {
  static override summary = 'Stop machines gracefully'
  static override description =
    'Refuses if the swarm would lose its quorum, unless you stop the whole cluster.'
  static override usage = 'shutdown NODES...'
  static override examples = ["<%= config.bin %> shutdown 'node[3:4]'"]
  static override strict = false
  static override flags = { 'swarm-lost': swarmLostFlag }

  override async run(): Promise<Machine[]> {
    const { argv, flags } = await this.parse(Shutdown)
    this.requireNames(argv, "belt shutdown 'node[3:4]'")
    return this.takeDown(argv as string[], flags, shutDown)
  }
}
