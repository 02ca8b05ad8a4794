import { relative } from 'node:path'
import { foldShort } from '../domain/ranges.ts'
import type { Overview } from '../operations/swarm/overview.ts'
import { type ListView, list } from './list.ts'

/** Clusters, one per line. Unknown values are shown as `?`, missing ones as `-`. */
export function clusterTable(clusters: readonly Overview[], view: ListView): string {
  return list(
    ['CLUSTER', 'ACTIVE', 'LEADER', 'MANAGERS', 'MACHINES'],
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
    view,
  )
}

/** The question before the files of a cluster are removed. */
export function clusterRemovalQuestion(cluster: string, paths: readonly string[]): string {
  const names = paths.map(path => relative(process.cwd(), path))
  return `Remove cluster ${cluster} (${names.join(', ')})?`
}
