import { Flags } from '@oclif/core'
import { BeltCommand } from '../../../cli/base-command.ts'
import { type BackupMade, backUpSwarm } from '../../../operations/backup/back-up.ts'
import { backupPlanText, backupText } from '../../../ui/backup.ts'

export default class SwarmBackup extends BeltCommand {
  static override readonly lock = 'swarm'
  static override summary = 'Back up the state of the swarm to one file'
  static override description =
    `The file holds the services, secrets, configs, networks and nodes, the key of the CA and the join tokens. Whoever has it can take over the swarm, so keep it safe. Belt takes it from a manager that does not lead and that the swarm can spare, and stops the engine there for some seconds. The tasks on it stop meanwhile. The engine starts again in any case, even if the connection breaks or Belt is killed. Belt refuses (exit code 5) if the swarm cannot spare a manager or only the leader is reachable, unless you add --allow-outage. With autolock, you also need the current unlock key to use the file. It is not in the file.`
  static override examples = [
    '<%= config.bin %> swarm backup',
    '<%= config.bin %> swarm backup --out /backups/prod.belt-backup',
  ]
  static override flags = {
    out: Flags.string({
      helpValue: 'FILE',
      summary: 'the new file (default: CLUSTER-TIME.belt-backup in this folder)',
    }),
    'allow-outage': Flags.boolean({
      summary: 'proceed even if the swarm takes no decisions while the engine is stopped',
    }),
  }

  override async run(): Promise<BackupMade> {
    const { flags } = await this.parse(SwarmBackup)
    const request = { path: flags.out, allowOutage: flags['allow-outage'] }
    const made = await this.withFleet(flags, fleet =>
      backUpSwarm(fleet, request, plan => fleet.progress.note(backupPlanText(plan))),
    )
    this.print(backupText(made))
    return made
  }
}
