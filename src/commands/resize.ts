import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { swarmLostFlag } from '../cli/swarm-lost-flag.ts'
import type { Machine } from '../drivers/driver.ts'
import { usageError } from '../errors.ts'
import type { Fleet } from '../operations/fleet.ts'
import { assertSwarmCanSpare } from '../operations/machines/impact.ts'
import { resize } from '../operations/machines/power.ts'
import { namesAll, selectMachines } from '../operations/select-machines.ts'
import { machineTable } from '../ui/machines.ts'

export default class Resize extends BeltCommand {
  static override summary = 'Give machines another size'
  static override description =
    'Those that run are stopped, resized and started again, all at once: refused when the swarm would lose its quorum meanwhile. The disk stays as it is unless --disk is given.'
  static override usage = 'resize SIZE NODES...'
  static override examples = ["<%= config.bin %> resize 16gb 'node[3:4]'"]
  static override strict = false
  static override flags = {
    disk: Flags.boolean({ summary: 'let the disk grow too, which some clouds never undo' }),
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
    const change = async (fleet: Fleet) => {
      const selected = await selectMachines(fleet, names)
      await assertSwarmCanSpare(fleet, selected, flags['swarm-lost'])
      return resize(fleet, selected, size, flags.disk)
    }
    const { machines, failures } = await this.changeMachines(flags, change, fleet => namesAll(fleet, names))
    this.print(machineTable(machines))
    this.reportFailures(failures, machines.length)
    return machines
  }
}
