import type { LedgerInput, LedgerMachine, LedgerNode, LedgerRow } from './ledger/facts.ts'
import { judgeMachine, judgeUnclaimed } from './ledger/judge.ts'

export type * from './ledger/facts.ts'

/** Joins machines, hosts and nodes into one table, with what is wrong with each and what mends it. */
export function ledgerOf(input: LedgerInput): LedgerRow[] {
  const byId = new Map(input.nodes?.map(node => [node.id, node]))
  const namesakes = livingByHostname(input.nodes ?? [])
  const machines = machinesByNode(input.machines)
  const rows = input.machines.map(machine => {
    const nodeId = nodeIdOf(machine)
    const node = nodeId === undefined ? undefined : byId.get(nodeId)
    const twins = (machines.get(nodeId) ?? []).filter(name => name !== machine.name)
    const neighbours = { twins, namesakes: namesakes.get(node?.hostname) ?? 0 }
    return { name: machine.name, nodeId: node?.id, ...judgeMachine(machine, node, input, neighbours) }
  })
  const unclaimed = (input.nodes ?? []).filter(node => !machines.has(node.id))
  const mayBeUnread = input.machines.some(
    ({ host, likelyNodeId }) => host.kind !== 'read' && likelyNodeId === undefined,
  )
  return [
    ...rows,
    ...unclaimed.map(node => ({
      name: node.hostname || node.id,
      nodeId: node.id,
      ...judgeUnclaimed(node, mayBeUnread),
    })),
  ]
}

function nodeIdOf({ host, likelyNodeId }: LedgerMachine): string | undefined {
  return host.kind === 'read' ? host.nodeId : likelyNodeId
}

/** The names of the machines that are each node: more than one only if one is a copy of another. */
function machinesByNode(machines: readonly LedgerMachine[]): ReadonlyMap<string | undefined, string[]> {
  const names = new Map<string | undefined, string[]>()
  for (const machine of machines) {
    const nodeId = nodeIdOf(machine)
    if (nodeId !== undefined) names.set(nodeId, [...(names.get(nodeId) ?? []), machine.name])
  }
  return names
}

/** How many nodes that are not down have each name. */
function livingByHostname(nodes: readonly LedgerNode[]): ReadonlyMap<string | undefined, number> {
  const counts = new Map<string | undefined, number>()
  for (const { hostname, state } of nodes)
    if (state !== 'down') counts.set(hostname, (counts.get(hostname) ?? 0) + 1)
  return counts
}
