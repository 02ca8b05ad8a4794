import type { NodeFacts } from '../../domain/selection.ts'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError } from '../../errors.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { findManager } from './find-manager.ts'
import { nodeOf } from './match-nodes.ts'

/**
 * What the managers report about the nodes of machines, by machine name. Machines outside the swarm have no entry.
 * @throws if no manager answers, instead of returning nothing; a precheck error if a machine may be one of several
 *   different nodes
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

/** The facts that all nodes of one name share. A host that left and joined again has two nodes, one of them down. */
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
