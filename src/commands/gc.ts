import { BeltCommand } from '../cli/base-command.ts'
import { foldShort } from '../domain/ranges.ts'
import { type Orphan, orphanMachines } from '../operations/machines/orphans.ts'
import { orphanTable } from '../ui/orphans.ts'

export default class Gc extends BeltCommand {
  static override summary = 'List machines that no finished create accounts for, with what they cost to leave'
  static override description =
    'They carry the mark of the cluster, and were left by a create that did not end, or made from another working copy: ask before you remove what you did not make. Nothing is removed.'
  static override examples = ['<%= config.bin %> gc', '<%= config.bin %> gc --json']

  override async run(): Promise<Orphan[]> {
    const { flags } = await this.parse(Gc)
    const fleet = await this.openFleet(flags)
    const strays = await orphanMachines(fleet)
    this.print(orphanTable(strays))
    if (strays.length > 0) {
      fleet.progress.note(
        `to remove them: belt rm '${foldShort(strays.map(stray => stray.name)).replaceAll(', ', ',')}'`,
      )
    }
    return strays
  }
}
