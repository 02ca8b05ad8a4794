import { resolve } from 'node:path'
import { Flags } from '@oclif/core'
import { BeltCommand } from '../../../cli/base-command.ts'
import type { BackupManifest } from '../../../domain/backup-manifest.ts'
import { backUp, backupName } from '../../../operations/backup/back-up.ts'
import { expectWritable } from '../../../operations/backup/file.ts'
import { planBackup } from '../../../operations/backup/plan.ts'
import { backupPlanText, backupText } from '../../../ui/backup.ts'

export default class SwarmBackup extends BeltCommand {
  static override summary = 'Save the state of the swarm into one file'
  static override description =
    `Its services, secrets, configs, networks and nodes, the key of its CA and its join tokens: whoever has the file can take over the swarm, so keep it safe. Taken from a manager that the swarm can do without and that does not lead, whose engine is stopped for some seconds and started again whatever happens, also when the connection breaks or Belt is killed; the tasks on it stop meanwhile. Where the swarm cannot do without it (one manager, or a member missing already), or only the leader can be reached, this is refused (exit code 5) unless --allow-outage is given. With autolock the file is of use only together with the unlock key of this time, which is not in it.`
  static override examples = [
    '<%= config.bin %> swarm backup',
    '<%= config.bin %> swarm backup --out /backups/prod.belt-backup',
  ]
  static override flags = {
    out: Flags.string({
      helpValue: 'FILE',
      summary:
        'where to; CLUSTER-TIME.belt-backup in this folder unless told. A file that does not exist yet',
    }),
    'allow-outage': Flags.boolean({
      summary: 'also where the swarm takes no decisions while the engine is stopped',
    }),
  }

  override async run(): Promise<{ file: string; manifest: BackupManifest }> {
    const { flags } = await this.parse(SwarmBackup)
    return this.changeSwarm(flags, async fleet => {
      const file = resolve(flags.out ?? backupName(fleet.cluster, new Date()))
      await expectWritable(file)
      const plan = await planBackup(fleet, flags['allow-outage'])
      fleet.progress.note(backupPlanText(plan))
      const manifest = await backUp(fleet, plan, file)
      this.print(backupText(file, manifest))
      return { file, manifest }
    })
  }
}
