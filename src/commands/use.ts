import { Args } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { chooseCluster, useCluster } from '../config/active.ts'
import { lines } from '../ui/lines.ts'

export default class Use extends BeltCommand {
  static override summary = 'Set or print the cluster that commands work on'
  static override examples = ['<%= config.bin %> use swarm2k', '<%= config.bin %> use']
  static override args = { cluster: Args.string({ description: 'the name of a cluster' }) }

  override async run(): Promise<{ cluster: string; config: string }> {
    const { args, flags } = await this.parse(Use)
    const cwd = process.cwd()
    const { name, configPath } = args.cluster
      ? await useCluster(cwd, args.cluster)
      : await chooseCluster({ cwd, cluster: flags.cluster, config: flags.config })
    this.print(lines([name]))
    return { cluster: name, config: configPath }
  }
}
