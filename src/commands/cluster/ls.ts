import { BeltCommand } from '../../cli/base-command.ts'
import { listFlags } from '../../cli/flags/list-flags.ts'
import { listClusters } from '../../config/active.ts'
import { type Overview, overviewOf } from '../../operations/swarm/overview.ts'
import { clusterTable } from '../../ui/clusters.ts'
import { stdio } from '../../ui/stdio.ts'

export default class ClusterLs extends BeltCommand {
  static override summary = 'List the clusters, with their active host, leader, managers and machines'
  static override description =
    `A dash means that there is none, and a question mark that it could not be read. The reasons are listed below the table.`
  static override examples = ['<%= config.bin %> cluster ls', '<%= config.bin %> cluster ls --json']

  static override flags = listFlags

  override async run(): Promise<(Overview & { inUse: boolean })[]> {
    const { flags } = await this.parse(ClusterLs)
    const { fleetOf } = await import('../../cli/compose.ts')
    const clusters = await listClusters(process.cwd())
    const overviews = await Promise.all(
      clusters.map(async cluster => {
        const { fleet, close } = await fleetOf(cluster, flags, this.interruption.signal)
        return { ...(await overviewOf(fleet).finally(close)), inUse: cluster.active }
      }),
    )
    this.print(clusterTable(overviews, flags))
    for (const { cluster, unknown } of overviews) {
      if (unknown !== undefined) stdio.progress.note(`${cluster}: ${unknown}`)
    }
    return overviews
  }
}
