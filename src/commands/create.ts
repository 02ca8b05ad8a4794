import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import type { Machine } from '../drivers/driver.ts'
import { createMachines } from '../operations/machines/create.ts'
import { machineSpecs } from '../operations/machines/specs.ts'
import { machineTable } from '../ui/machines.ts'

export default class Create extends BeltCommand {
  static override summary = 'Create machines, and wait until they answer over SSH'
  static override description =
    `SIZE is an amount of memory (512mb, 8192MB, 16gb) or a size of the driver's own. Without SIZE the config's size is used; without NODES the machines that the config declares under "nodes" are created.

A machine that exists is left as it is, a half-made one is completed: the same command can be run again.`
  static override usage = 'create [SIZE] [NODES...]'
  static override examples = [
    '<%= config.bin %> create 1gb mg[0:2]',
    "<%= config.bin %> create 512mb 'node[1:4]' --region local",
    '<%= config.bin %> create',
  ]
  static override strict = false
  static override flags = {
    region: Flags.string({
      helpValue: 'REGION',
      summary: 'where to create them, instead of the region of the config; with commas, spread over several',
    }),
  }

  override async run(): Promise<{ machines: Machine[]; existing: string[]; failed: string[] }> {
    const { argv, flags } = await this.parse(Create)
    const fleet = await this.openFleet(flags)
    const places = flags.region?.split(',') ?? []
    const specs = machineSpecs(fleet, argv as string[], places.length === 1 ? places[0] : undefined)
    const wherever = places.length > 1 ? { ...fleet, regions: places } : fleet
    const { machines, existing, failures } = await createMachines(wherever, specs)
    this.print(machineTable(machines))
    this.reportFailures(failures, specs.length)
    return { machines, existing, failed: failures.map(failure => failure.name) }
  }
}
