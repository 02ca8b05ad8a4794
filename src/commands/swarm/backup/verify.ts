import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../../cli/base-command.ts'
import { scratchFleets } from '../../../cli/scratch-fleet.ts'
import { type BackupVerified, verifyBackupFile } from '../../../operations/backup/verify.ts'
import { verifiedText } from '../../../ui/backup.ts'

export default class SwarmBackupVerify extends BeltCommand {
  static override summary = 'Restore a backup on a temporary local machine, and list what it holds'
  static override description =
    `Checks the checksum and the files in the archive, creates an isolated local machine (this needs a local Docker Engine), restores the swarm there, compares its services, secrets, configs and networks with the manifest, and removes the machine and its network. It also removes what a killed verification left. Nothing in the cluster is touched. Exit code 3 means that the file is damaged.`
  static override usage = 'swarm backup verify FILE'
  static override examples = [
    '<%= config.bin %> swarm backup verify prod-20260301T080000Z.belt-backup',
    '<%= config.bin %> swarm backup verify prod.belt-backup --unlock-key-file prod.key',
  ]
  static override args = {
    file: Args.string({ required: true, description: 'a file made by belt swarm backup' }),
  }
  static override flags = {
    'unlock-key-file': Flags.string({
      helpValue: 'FILE',
      summary: 'the unlock key that was valid at the time of the backup, for a swarm with autolock',
    }),
  }

  override async run(): Promise<BackupVerified> {
    const { args, flags } = await this.parse(SwarmBackupVerify)
    const request = { file: args.file, unlockKeyFile: flags['unlock-key-file'] }
    const verified = await verifyBackupFile(request, scratchFleets(flags, this.interruption.signal))
    this.print(verifiedText(verified))
    return verified
  }
}
