import type { NodeFacts } from '../../domain/selection.ts'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError } from '../../errors.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { findManager } from './find-manager.ts'
import { nodeOf } from './match-nodes.ts'

/**
 * What a manager tells of machines' nodes, by the machines' names; machines outside the swarm have none.
 * @throws when no manager answers: never as if there were no nodes; a precheck error when a machine may be one of
 *   several nodes that differ
 */
export async function readNodeFacts(
  fleet: Fleet,
  machines: readonly Machine[],
): Promise<ReadonlyMap<string, NodeFacts>> {
  const { host } = await findManager(fleet, machines)
  const nodes = await readNodes(host, fleet.signal)
  return new Map(
    machines.flatMap(machine => {
      const facts = nodeOf(machine, nodes) ?? factsByName(machine.name, nodes)
      return facts ? [[machine.name, facts] as const] : []
    }),
  )
}

/** What all nodes of one name have in common: a host that left, joined again and is down has two that are alike. */
function factsByName(name: string, nodes: readonly Node[]): NodeFacts | undefined {
  const [first, ...others] = nodes.filter(node => node.hostname === name)
  if (!first) return undefined
  const alike = (['role', 'state', 'availability'] as const).every(key =>
    others.every(other => other[key] === first[key]),
  )
  if (!alike) throw unclear(name, [first, ...others])
  const labels = Object.entries(first.labels).filter(([key, value]) =>
    others.every(other => other.labels[key] === value),
  )
  return { ...first, isLeader: false, labels: Object.fromEntries(labels) }
}

function unclear(name: string, nodes: readonly Node[]) {
  const ids = nodes.map(({ id, role, state }) => `${id} (${role}, ${state})`).join(', ')
  return precheckError('unknown-node', `cannot tell which node ${name} is: ${ids} have its name`, {
    host: name,
    hint: 'belt swarm status shows them; belt swarm remove --unreachable ID removes a dead one',
    details: { nodes: nodes.map(node => node.id) },
  })
}
