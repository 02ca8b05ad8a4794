import { BeltCommand } from '../../cli/base-command.ts'
import { chooseCluster } from '../../config/active.ts'
import type { ConfigUpdate } from '../../config/update.ts'

export default class ClusterUpdate extends BeltCommand {
  static override summary = 'Change the config of a cluster, and show the difference'
  static override description =
    `KEY is an option of the driver (region) or of a section (ssh.user). KEY- removes it. The comments and the order of the file are kept. Nothing is written if the result would be invalid.`
  static override usage = 'cluster update KEY=VALUE...'
  static override examples = [
    '<%= config.bin %> cluster update region=local',
    '<%= config.bin %> cluster update ssh.user=admin ssh.port-',
  ]
  static override strict = false

  override async run(): Promise<ConfigUpdate> {
    const { argv, flags } = await this.parse(ClusterUpdate)
    this.requireWords(argv, 'no setting is given', 'belt cluster update region=local')
    const { updateConfig } = await import('../../config/update.ts')
    const cluster = await chooseCluster({ cwd: process.cwd(), cluster: flags.cluster, config: flags.config })
    const update = await updateConfig(cluster, argv as string[], process.env)
    this.print(update.changed ? update.diff : `${update.configPath}: nothing to change\n`)
    return update
  }
}
