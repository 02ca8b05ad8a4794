import { foldShort } from '../domain/ranges.ts'
import type { SwarmImpact } from '../operations/machines/impact.ts'

/** What the swarm would lose, as a sentence; undefined when there is nothing to say. */
export function describeImpact(impact: SwarmImpact): string | undefined {
  if (impact.kind === 'none') return undefined
  if (impact.kind === 'unknown') return `what the swarm would lose is unknown: ${impact.reason}`
  const parts = [
    impact.managers.length > 0 ? `managers ${foldShort(impact.managers)}` : '',
    impact.workers.length > 0 ? `workers ${foldShort(impact.workers)}` : '',
  ].filter(Boolean)
  if (parts.length === 0) return undefined
  return `the swarm loses its ${parts.join(' and ')}; their services move to other nodes only after they are gone`
}
