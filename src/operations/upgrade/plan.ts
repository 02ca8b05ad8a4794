import { naturalOrder } from '../../domain/natural-order.ts'
import { leaderLast } from '../../domain/quorum.ts'
import { foldShort } from '../../domain/ranges.ts'
import { DrainForecast, type DrainImpact } from '../../domain/swarm/drain-forecast.ts'
import type { Workload } from '../../domain/swarm/workload.ts'
import type { PhaseContext } from '../../domain/upgrade/phases.ts'
import { howToFinish, type UpgradeOptions } from '../../domain/upgrade/record.ts'
import { currentTakeOutMode, groupChangesOf } from '../../domain/upgrade/take-out-mode.ts'
import type { Upgrade } from '../../domain/upgrade/upgrade.ts'
import { precheckError } from '../../errors.ts'
import { readWorkload } from '../../queries/read-workload.ts'
import { withNetworkPlugins } from '../../queries/services.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { capability } from '../machines/power.ts'
import { knownNodes } from '../swarm/known-nodes.ts'
import { assertQuorumSurvives, assertSpareManager, groupOf } from '../swarm/quorum-guard.ts'
import type { Member, SwarmSelection } from '../swarm/select-nodes.ts'
import { checkHosts } from './checks.ts'
import { assertBelowLimit } from './limits.ts'
import { recordOn } from './records.ts'
import { assertDrainsEnd } from './room.ts'
import { findStaying, type StayingNodes, selectUpgradeNodes } from './select.ts'

export interface UpgradeRequest {
  readonly role: Node['role']
  /** The nodes that the user names; all nodes of the role by default. */
  readonly words: readonly string[]
  readonly upgrade: Upgrade
  readonly options: UpgradeOptions
  /** Whether an engine may be downgraded, or skip a major release. */
  readonly anyVersion: boolean
}

/** A checked upgrade; nothing has been changed yet. */
export interface UpgradePlan extends StayingNodes {
  readonly request: UpgradeRequest
  /** The swarm, with the nodes to take out and upgrade as its members, in order. */
  readonly view: SwarmSelection
  /** What decides the phases of each of these nodes, in the same order. */
  readonly contexts: readonly { readonly name: string; readonly context: PhaseContext }[]
  /** What happens to services while each node is out. */
  readonly impacts: readonly DrainImpact[]
  /** The swarm before the upgrade. */
  readonly before: Workload
}

/**
 * Checks an upgrade of managers or workers, and plans it.
 * @throws a quorum refusal (exit code 5), a usage error, or a precheck error that names the hosts (exit code 3)
 */
export async function planUpgrade(fleet: Fleet, request: UpgradeRequest): Promise<UpgradePlan> {
  const { upgrade, options, role, words } = request
  if (upgrade.kind === 'size')
    for (const verb of ['shutdown', 'resize', 'start'] as const) capability(fleet, verb)
  const selected = await selectUpgradeNodes(fleet, role, words)
  assertNoneUnfinished(selected.nodes)
  const { untouched, unheld } = await findStaying(fleet, selected.members, upgrade)
  const staying = new Set([...untouched, ...unheld.map(({ name }) => name)])
  const view = { ...selected, members: inOrder(selected.members.filter(({ name }) => !staying.has(name))) }
  await knownNodes(fleet, selected.manager.host)
  const before = await readWorkload(selected.manager.host, fleet.signal)
  if (view.members.length > 0) {
    if (role === 'manager') assertQuorum(view, request)
    else
      assertBelowLimit(
        before.nodes,
        view.members.map(({ node }) => node.id),
        options,
      )
    await checkHosts(fleet, view, request)
  }
  const contexts = contextsOf(view, upgrade)
  const services = await withNetworkPlugins(selected.manager.host, before.services, fleet.signal)
  const impacts = impactsOf(view, { ...before, services }, options)
  return { request, view, untouched, unheld, contexts, impacts, before }
}

function assertNoneUnfinished(nodes: readonly Node[]): void {
  const records = nodes.flatMap(node => recordOn(node) ?? [])
  const [first] = records
  if (!first) return
  const names = foldShort(records.map(({ machine }) => machine).sort(naturalOrder))
  throw precheckError(
    'upgrade-unfinished',
    `the upgrade that ${first.by} started at ${first.since} is not finished on ${names}`,
    { hint: `belt upgrade shows it; ${howToFinish(records)}` },
  )
}

function inOrder(members: readonly Member[]): Member[] {
  return members.toSorted((a, b) => leaderLast(a.node, b.node) || naturalOrder(a.name, b.name))
}

function assertQuorum({ nodes, members }: SwarmSelection, { upgrade, options }: UpgradeRequest): void {
  const group = groupOf(nodes)
  if (!options.allowOutage) assertSpareManager(group)
  if (group.reachable < group.managers) {
    throw precheckError(
      'not-healthy',
      `${group.reachable} of ${group.managers} managers answer: no manager is taken out while another is missing`,
      { hint: 'belt swarm status shows which one, and how to repair it' },
    )
  }
  assertQuorumSurvives(
    group,
    groupChangesOf(
      upgrade,
      members.map(({ node }) => node),
      group.managers,
    ),
  )
}

function contextsOf({ nodes, members }: SwarmSelection, upgrade: Upgrade): UpgradePlan['contexts'] {
  return members.map(({ name, node: { id, role, availability } }) => {
    const takeOutMode = currentTakeOutMode(upgrade, nodes, { id, role })
    return { name, context: { upgrade, role, availability, takeOutMode, isReturning: false } }
  })
}

/** The impact of draining each node by itself: managers go one at a time, and waves only as far as there is room. */
function impactsOf(
  { nodes, members }: SwarmSelection,
  before: Workload,
  options: UpgradeOptions,
): DrainImpact[] {
  const forecast = new DrainForecast({ ...before, nodes })
  const impacts = members.flatMap(({ node }) => forecast.impactsOf([node.id]))
  if (!options.allowDowntime) assertDrainsEnd(impacts)
  return [...new Map(impacts.map(impact => [`${impact.service} ${impact.kind}`, impact])).values()]
}
