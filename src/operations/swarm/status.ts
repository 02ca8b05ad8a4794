import { naturalOrder } from '../../domain/natural-order.ts'
import { managersWarning, type RaftGroup, toleranceOf } from '../../domain/quorum.ts'
import { fold } from '../../domain/ranges.ts'
import { expiringNodes } from '../../domain/swarm/certificate-expiry.ts'
import { type HostReading, type LedgerRow, ledgerOf } from '../../domain/swarm/ledger.ts'
import { type SwarmVerdict, verdictOf } from '../../domain/swarm/verdict.ts'
import { recordKeys } from '../../domain/upgrade/record.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { isUnreadable } from '../../hosts/engine-client.ts'
import { failedOf } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { silentProgress } from '../../progress.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Membership } from '../../remote/swarm.ts'
import type { Fleet } from '../fleet.ts'
import { declaredDrift } from '../machines/declared-drift.ts'
import { findManager, raftGroupOf } from './find-manager.ts'
import { hostReading } from './host-reading.ts'
import { NodeIndex } from './match-nodes.ts'
import { groupOf } from './quorum-guard.ts'
import { readMemberships } from './read-memberships.ts'
import { settingsDrift } from './settings-drift.ts'

/** A node and its machine. */
export interface StatusRow extends LedgerRow {
  readonly machine: Machine['status'] | undefined
  readonly host: string | undefined
  readonly node: Node | undefined
}

export interface SwarmStatus {
  readonly cluster: string
  readonly verdict: SwarmVerdict
  /** Why the verdict is not `healthy`. */
  readonly problems: readonly string[]
  /** What is unwise although nothing is broken, and what differs from the config. */
  readonly warnings: readonly string[]
  /** The manager that listed the nodes; undefined if none could. */
  readonly askedOf: string | undefined
  readonly leader: string | undefined
  /** As the leader counts it, or without a leader, as the hosts report. */
  readonly group: RaftGroup
  /** How many more managers may be lost; negative if too many are lost already. */
  readonly tolerance: number
  readonly rows: readonly StatusRow[]
}

/**
 * Reads machines, hosts and nodes, and judges the swarm. Asks every host directly, so that it also works without a
 * leader.
 */
export async function swarmStatus(fleet: Fleet): Promise<SwarmStatus> {
  const machines = await fleet.machines.list(fleet.signal)
  const task = fleet.progress.start('Asking hosts')
  const quiet = { ...fleet, progress: { ...fleet.progress, start: silentProgress.start } }
  const [answers, list] = await Promise.all([readMemberships(quiet, machines), listNodes(quiet, machines)])
  const nodes = list.nodes
  const byId = nodes && new Map<string | undefined, Node>(nodes.map(node => [node.id, node]))
  const views = await Promise.all(
    machines.map((machine, index) => hostReading(fleet, machine, answers[index], byId)),
  )
  task.done()
  const rows = rowsOf(machines, views, list)
  const memberships = answers.flatMap(answer => (answer.ok ? [answer.value] : []))
  const group = nodes ? groupOf(nodes) : groupSeen(memberships)
  const warnings = [
    managersWarning(group.managers),
    engineWarning(nodes ?? []),
    upgradeWarning(nodes ?? []),
    certificateWarning(nodes ?? [], memberships),
    ...declaredDrift(fleet, machines),
    ...(list.host ? await settingsDrift(fleet, list.host) : []),
  ].filter(text => text !== undefined)
  const allOutside =
    memberships.length === machines.length && memberships.every(({ state }) => state === 'inactive')
  return {
    cluster: fleet.cluster,
    ...verdictOf({
      group,
      nodesKnown: nodes !== undefined,
      leaderless: list.leaderless ?? false,
      notUnderstood:
        (list.notUnderstood ?? false) || failedOf(answers).some(({ error }) => isUnreadable(error)),
      allOutside,
      whyNot: list.whyNot,
      rows,
    }),
    warnings,
    askedOf: list.askedOf,
    leader: rows.find(row => row.node?.isLeader)?.name,
    group,
    tolerance: toleranceOf(group),
    rows,
  }
}

interface NodeList {
  readonly host?: Host
  readonly nodes?: Node[]
  readonly askedOf?: string
  readonly clusterId?: string
  readonly whyNot?: string
  readonly leaderless?: boolean
  readonly notUnderstood?: boolean
}

async function listNodes(fleet: Fleet, machines: readonly Machine[]): Promise<NodeList> {
  try {
    const { host, machine, clusterId } = await findManager(fleet, machines)
    return { host, nodes: await readNodes(host, fleet.signal), askedOf: machine.name, clusterId }
  } catch (error) {
    if (!(error instanceof BeltError) || error.code === 'interrupted') throw error
    return {
      whyNot: reasonOf(error),
      leaderless: ['quorum-lost', 'no-leader'].includes(error.code),
      notUnderstood: isUnreadable(error),
    }
  }
}

function rowsOf(machines: readonly Machine[], views: readonly HostReading[], list: NodeList): StatusRow[] {
  const { nodes, clusterId, askedOf } = list
  const byId = new Map(nodes?.map(node => [node.id, node]))
  const index = nodes && new NodeIndex(nodes)
  const ledger = ledgerOf({
    machines: machines.map((machine, row) => ({
      name: machine.name,
      host: views[row] ?? { kind: 'unread', reason: 'not asked' },
      likelyNodeId: index?.on(machine)?.id,
    })),
    nodes,
    clusterId,
    manager: askedOf,
  })
  return ledger
    .map((row, place) => {
      // The rows of the machines come first, in their order.
      const machine = machines[place]
      const view = views[place]
      return {
        ...row,
        machine: machine?.status,
        host: view && hostState(view),
        node: row.nodeId === undefined ? undefined : byId.get(row.nodeId),
      }
    })
    .sort((a, b) => naturalOrder(a.name, b.name))
}

function hostState(reading: HostReading): string {
  if (reading.kind === 'read') return reading.state
  return reading.kind === 'denied' ? 'denied' : 'unreachable'
}

function groupSeen(memberships: readonly Membership[]): RaftGroup {
  const { answering, known } = raftGroupOf(memberships)
  return { managers: known, reachable: answering }
}

function engineWarning(nodes: readonly Node[]): string | undefined {
  const versions = [...new Set(nodes.map(node => node.engineVersion).filter(Boolean))].sort(naturalOrder)
  return versions.length > 1 ? `the engines differ: ${versions.join(', ')}` : undefined
}

function upgradeWarning(nodes: readonly Node[]): string | undefined {
  const upgraded = nodes.filter(({ labels }) => recordKeys(labels).length > 0)
  if (upgraded.length === 0) return undefined
  const names = fold(upgraded.map(({ hostname }) => hostname))
  return `an upgrade of ${names} is under way, or was interrupted: belt upgrade shows it`
}

function certificateWarning(nodes: readonly Node[], memberships: readonly Membership[]): string | undefined {
  const lifeMs = memberships.find(
    ({ certificateLifeMs }) => certificateLifeMs !== undefined,
  )?.certificateLifeMs
  const expiring = lifeMs === undefined ? undefined : expiringNodes(nodes, lifeMs, new Date())
  if (!expiring) return undefined
  const { hostnames, from } = expiring
  const one = hostnames.length === 1
  return `${fold(hostnames)} ${one ? 'is' : 'are'} down for long: ${one ? 'its certificate' : 'their certificates'} may expire from ${from.toISOString().slice(0, 10)} on; start ${one ? 'it' : 'them'} before, or remove ${one ? 'it' : 'them'}: belt swarm remove --unreachable`
}
