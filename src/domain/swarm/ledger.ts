import type { LedgerInput, LedgerRow } from './ledger/facts.ts'
import { judgeMachine, judgeUnclaimed } from './ledger/judge.ts'

export type * from './ledger/facts.ts'

/** Joins machines, hosts and nodes into one table, with what is wrong with each and what mends it. */
export function ledgerOf(input: LedgerInput): LedgerRow[] {
  const byId = new Map(input.nodes?.map(node => [node.id, node]))
  const claimed = new Set<string>()
  const rows = input.machines.map(machine => {
    const nodeId = machine.host.kind === 'read' ? machine.host.nodeId : machine.likelyNodeId
    const node = nodeId === undefined ? undefined : byId.get(nodeId)
    if (node) claimed.add(node.id)
    return { name: machine.name, nodeId: node?.id, ...judgeMachine(machine, node, input) }
  })
  const unclaimed = (input.nodes ?? []).filter(node => !claimed.has(node.id))
  const mayBeUnread = input.machines.some(
    ({ host, likelyNodeId }) => host.kind === 'unread' && likelyNodeId === undefined,
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
