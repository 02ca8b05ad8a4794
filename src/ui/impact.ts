import { foldShort } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
import type { Fleet } from '../operations/fleet.ts'
import type { SwarmImpact } from '../operations/machines/impact.ts'
import type { DestructionPlan } from '../operations/machines/remove.ts'
import type { Retirement } from '../operations/swarm/retire.ts'
import type { SwarmSelection } from '../operations/swarm/select-nodes.ts'
import { describeDrain } from './drain.ts'

/** The question before machines are destroyed, with the verb of the driver. */
export function destructionQuestion({ machines }: DestructionPlan, { driver, cluster }: Fleet): string {
  const verb = driver.destroyVerb.charAt(0).toUpperCase() + driver.destroyVerb.slice(1)
  return line`${verb} ${foldShort(machines.map(({ name }) => name))} of ${cluster} (${machines.length} ${machines.length === 1 ? 'machine' : 'machines'})?`
}

/** What the swarm would lose, as sentences; none if it loses nothing. */
export function describeImpact(impact: SwarmImpact): string[] {
  if (impact.kind === 'none') return []
  if (impact.kind === 'unknown') return [line`the impact on the swarm is unknown: ${impact.reason}`]
  const parts = [
    impact.managers.length > 0 ? `managers ${foldShort(impact.managers)}` : '',
    impact.workers.length > 0 ? `workers ${foldShort(impact.workers)}` : '',
  ].filter(Boolean)
  if (parts.length === 0) return []
  return [
    line`the swarm will lose ${parts.join(' and ')}; their services move to other nodes only afterwards`,
  ]
}

/** How nodes leave the swarm before their machines are destroyed, as sentences. */
export function describeRetirement({ answering, silent, impacts }: Retirement): string[] {
  const namesOf = ({ members }: SwarmSelection) => foldShort(members.map(({ name }) => name))
  const managers = answering.members.filter(({ node }) => node.role === 'manager')
  const how = managers.length > 0 ? 'drained, demoted and removed' : 'drained and removed'
  const [have, their] = silent.members.length === 1 ? ['does', 'its'] : ['do', 'their']
  return [
    ...(answering.members.length > 0
      ? [line`${namesOf(answering)} will be taken out of the swarm first: ${how}`]
      : []),
    ...(silent.members.length > 0
      ? [
          line`${namesOf(silent)} ${have} not answer, and will be removed from the swarm after ${their} destruction`,
        ]
      : []),
    ...(impacts.length > 0 ? [describeDrain(impacts)] : []),
  ]
}
