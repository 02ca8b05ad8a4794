import { Flags } from '@oclif/core'
import { swarmLostFlag } from '../cli/flags/swarm-lost-flag.ts'
import { PowerCommand } from '../cli/power-command.ts'
import type { Machine } from '../drivers/driver.ts'
import { usageError } from '../errors.ts'
import { resize } from '../operations/machines/power.ts'

export default class Resize extends PowerCommand {
  static override summary = 'Change the size of machines'
  static override description =
    'Stops the machines that run, resizes them and starts them again, all at once. Refuses if the swarm would lose its quorum meanwhile. The disk keeps its size, unless you add --disk.'
  static override usage = 'resize SIZE NODES...'
  static override examples = ["<%= config.bin %> resize 16gb 'node[3:4]'"]
  static override strict = false
  static override flags = {
    disk: Flags.boolean({ summary: 'grow the disk as well, which some clouds cannot undo' }),
    'swarm-lost': swarmLostFlag,
  }

  override async run(): Promise<Machine[]> {
    const { argv, flags } = await this.parse(Resize)
    const [size, ...names] = argv as string[]
    if (size === undefined || names.length === 0) {
      throw usageError('missing-argument', 'the size or the names are missing', {
        hint: "belt resize 16gb 'node[3:4]'",
      })
    }
    return this.takeDown(names, flags, (fleet, machines) => resize(fleet, machines, size, flags.disk))
  }
}
