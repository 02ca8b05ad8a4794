import { foldShort } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
import type { Fleet } from '../operations/fleet.ts'
import type { SwarmImpact } from '../operations/machines/impact.ts'
import type { DestructionPlan } from '../operations/machines/remove.ts'

/** The question before machines are destroyed, with the verb of the driver. */
export function destructionQuestion({ machines }: DestructionPlan, { driver, cluster }: Fleet): string {
  const verb = driver.destroyVerb.charAt(0).toUpperCase() + driver.destroyVerb.slice(1)
  return line`${verb} ${foldShort(machines.map(({ name }) => name))} of ${cluster} (${machines.length} ${machines.length === 1 ? 'machine' : 'machines'})?`
}

/** What the swarm would lose, as a sentence; undefined if it loses nothing. */
export function describeImpact(impact: SwarmImpact): string | undefined {
  if (impact.kind === 'none') return undefined
  if (impact.kind === 'unknown') return line`the impact on the swarm is unknown: ${impact.reason}`
  const parts = [
    impact.managers.length > 0 ? `managers ${foldShort(impact.managers)}` : '',
    impact.workers.length > 0 ? `workers ${foldShort(impact.workers)}` : '',
  ].filter(Boolean)
  if (parts.length === 0) return undefined
  return line`the swarm will lose ${parts.join(' and ')}; their services move to other nodes only afterwards`
}
