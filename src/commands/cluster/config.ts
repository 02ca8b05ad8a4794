import { BeltCommand } from '../../cli/base-command.ts'
import { chooseCluster } from '../../config/active.ts'
import type { EffectiveConfig } from '../../config/effective.ts'
import { stdio } from '../../ui/stdio.ts'

export default class ClusterConfig extends BeltCommand {
  static override summary = 'Show the config that is in effect'
  static override description =
    'The file with its environment counterparts and defaults applied, and where each value comes from; secrets are masked.'
  static override examples = ['<%= config.bin %> cluster config', '<%= config.bin %> cluster config --json']

  override async run(): Promise<EffectiveConfig> {
    const { flags } = await this.parse(ClusterConfig)
    const [{ effectiveConfig, renderConfig }, { loadConfig }] = await Promise.all([
      import('../../config/effective.ts'),
      import('../../config/load.ts'),
    ])
    const cluster = await chooseCluster({ cwd: process.cwd(), cluster: flags.cluster, config: flags.config })
    const config = await loadConfig(cluster, process.env)
    for (const warning of config.warnings) stdio.progress.note(`warning: ${warning}`)
    const effective = effectiveConfig(config)
    this.print(renderConfig(effective))
    return effective
  }
}
