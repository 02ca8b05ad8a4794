import { BeltCommand } from '../cli/base-command.ts'
import { listFlags } from '../cli/flags/list-flags.ts'
import { type Orphan, orphanMachines } from '../operations/machines/orphans.ts'
import { orphansNote, orphanTable } from '../ui/orphans.ts'

export default class Gc extends BeltCommand {
  static override summary = 'List machines that no completed create accounts for, with their monthly cost'
  static override description =
    `These machines carry the label of the cluster. An interrupted create left them, or somebody created them from another working copy, so ask before you remove them. Belt removes nothing here.`
  static override examples = ['<%= config.bin %> gc', '<%= config.bin %> gc --json']

  static override flags = listFlags

  override async run(): Promise<Orphan[]> {
    const { flags } = await this.parse(Gc)
    const fleet = await this.openFleet(flags)
    const orphans = await orphanMachines(fleet)
    this.print(orphanTable(orphans, flags))
    const note = orphansNote(orphans)
    if (note) fleet.progress.note(note)
    return orphans
  }
}
