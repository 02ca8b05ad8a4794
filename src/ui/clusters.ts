import { foldShort } from '../domain/ranges.ts'
import type { Overview } from '../operations/swarm/overview.ts'
import { table } from './table.ts'

/** Clusters, one per line. Unknown values are shown as `?`, missing ones as `-`. */
export function clusterTable(clusters: readonly Overview[]): string {
  return table(
    ['CLUSTER', 'ACTIVE', 'LEADER', 'MASTERS', '#NODES'],
    clusters.map(({ cluster, activeHost, leader, managers, machines, unknown }) => {
      const orUnknown = (text: string) => text || (unknown === undefined ? '' : '?')
      return [
        cluster,
        activeHost ?? '',
        orUnknown(leader ?? ''),
        orUnknown(foldShort(managers)),
        machines ? `${machines.active} / ${machines.total}` : '?',
      ]
    }),
  )
}
