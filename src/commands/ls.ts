import { BeltCommand } from '../cli/base-command.ts'
import { listFlags } from '../cli/flags/list-flags.ts'
import type { Machine } from '../drivers/driver.ts'
import { declaredDrift } from '../operations/machines/declared-drift.ts'
import { unfinishedCreates } from '../operations/machines/unfinished.ts'
import { listMachines } from '../operations/select-machines.ts'
import { machineTable } from '../ui/machines.ts'
import { unfinishedCreatesNote } from '../ui/unfinished-creates.ts'

export default class Ls extends BeltCommand {
  static override summary = 'List the machines of the cluster'
  static override description = `Includes incomplete and stopped machines. Without NODES, lists all machines.`
  static override usage = 'ls [NODES...]'
  static override examples = [
    '<%= config.bin %> ls',
    "<%= config.bin %> ls 'node[1:4]'",
    '<%= config.bin %> ls --json',
    '<%= config.bin %> ls --quiet --sort memory',
  ]
  static override strict = false
  static override flags = listFlags

  override async run(): Promise<readonly Machine[]> {
    const { argv, flags } = await this.parse(Ls)
    const fleet = await this.openFleet(flags)
    const machines = await listMachines(fleet, argv as string[])
    this.print(machineTable(machines, flags))
    if (argv.length === 0) {
      const unfinished = unfinishedCreatesNote(await unfinishedCreates(fleet, machines))
      if (unfinished) fleet.progress.note(unfinished)
      for (const difference of declaredDrift(fleet, machines)) fleet.progress.note(difference)
    }
    return machines
  }
}
