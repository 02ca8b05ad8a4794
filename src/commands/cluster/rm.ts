import { Args } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { chooseCluster } from '../../config/active.ts'
import { assertNoneLeft } from '../../operations/machines/assert-none-left.ts'
import { clusterRemovalQuestion } from '../../ui/clusters.ts'
import { lines } from '../../ui/lines.ts'

export default class ClusterRm extends BeltCommand {
  static override summary = 'Remove the config and the state of a cluster that has no machines'
  static override description =
    `Removes the config, the host keys, the journal and everything else in .belt/NAME, after a confirmation that lists them. Refuses while machines exist: destroy them first. Hosts of the static driver are left as they are.`
  static override examples = ['<%= config.bin %> cluster rm shop']
  static override args = { name: Args.string({ required: true, description: 'the name of the cluster' }) }

  override async run(): Promise<{ cluster: string; removed: string[] }> {
    const { args, flags } = await this.parse(ClusterRm)
    const [{ fleetOf, openAgent }, { filesOf, removeCluster }] = await Promise.all([
      import('../../cli/compose.ts'),
      import('../../config/remove-cluster.ts'),
    ])
    const named = { ...flags, cluster: args.name, config: undefined }
    const cluster = await chooseCluster({ cwd: process.cwd(), cluster: args.name })
    const { fleet, close } = await fleetOf(cluster, named, this.interruption.signal)
    await assertNoneLeft(fleet).finally(close)
    const removed = await filesOf(cluster)
    await this.confirm(clusterRemovalQuestion(args.name, removed), flags)
    await (await openAgent(named)).stop()
    await removeCluster(cluster, removed)
    this.print(lines(removed))
    return { cluster: args.name, removed }
  }
}
