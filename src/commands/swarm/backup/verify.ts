import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../../cli/base-command.ts'
import { withLeftScratchFleets, withScratchFleet } from '../../../cli/scratch-fleet.ts'
import { readKeyFile } from '../../../cli/unlock-key.ts'
import type { BackupManifest } from '../../../domain/backup-manifest.ts'
import type { Inventory } from '../../../domain/inventory.ts'
import { withBackup } from '../../../operations/backup/use.ts'
import { removeScratch, verifyBackup } from '../../../operations/backup/verify.ts'
import { verifiedText } from '../../../ui/backup.ts'

export default class SwarmBackupVerify extends BeltCommand {
  static override summary = 'Restore a backup on a local machine of its own, and see what it holds'
  static override description =
    `Compares the checksum, looks whether the archive holds what an engine needs, makes a local machine that reaches nobody (which takes a Docker Engine here), restores the swarm there, compares its services, secrets, configs and networks with the manifest, and removes the machine and its network again, and those that a verification left that was killed. Nothing of the cluster is touched. Exit code 3 when the file is damaged.`
  static override usage = 'swarm backup verify FILE'
  static override examples = [
    '<%= config.bin %> swarm backup verify prod-20260301T080000Z.belt-backup',
    '<%= config.bin %> swarm backup verify prod.belt-backup --unlock-key-file prod.key',
  ]
  static override args = { file: Args.string({ required: true, description: 'a file of belt swarm backup' }) }
  static override flags = {
    'unlock-key-file': Flags.string({
      helpValue: 'FILE',
      summary: 'the unlock key of the time of the backup, for a swarm with autolock',
    }),
  }

  override async run(): Promise<{ file: string; manifest: BackupManifest; contents: Inventory }> {
    const { args, flags } = await this.parse(SwarmBackupVerify)
    const { signal } = this.interruption
    const key = await readKeyFile(flags['unlock-key-file'])
    await withLeftScratchFleets(flags, signal, removeScratch)
    return withBackup(args.file, key, async backup => {
      const contents = await withScratchFleet(flags, signal, scratch => verifyBackup(scratch, backup))
      this.print(verifiedText(args.file, backup.manifest, contents))
      return { file: args.file, manifest: backup.manifest, contents }
    })
  }
}
