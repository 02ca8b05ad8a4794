import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { lines } from '../../ui/lines.ts'

export default class ClusterNew extends BeltCommand {
  static override summary = 'Create the config of a new cluster from a commented template'
  static override description =
    `Writes .belt/NAME/config.yml, in this folder or the nearest one above that has clusters.`
  static override usage = 'cluster new --driver DRIVER NAME'
  static override examples = ['<%= config.bin %> cluster new --driver docker swarm2k']
  static override args = { name: Args.string({ required: true, description: 'the name of the cluster' }) }
  static override flags = {
    driver: Flags.string({
      helpValue: 'DRIVER',
      summary: 'the driver that creates the machines: digitalocean, docker, ec2, static (required)',
    }),
  }

  override async run(): Promise<{ cluster: string; config: string }> {
    const { args, flags } = await this.parse(ClusterNew)
    const { newCluster } = await import('../../config/new-cluster.ts')
    const { name, configPath } = await newCluster(process.cwd(), flags.driver, args.name)
    this.print(lines([configPath]))
    return { cluster: name, config: configPath }
  }
}
