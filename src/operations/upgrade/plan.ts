import { forecastDrain, type Impact } from '../../domain/drain-forecast.ts'
import { naturalOrder } from '../../domain/natural-order.ts'
import { foldShort } from '../../domain/ranges.ts'
import type { SwarmSight } from '../../domain/swarm-sight.ts'
import type { UpgradeOptions } from '../../domain/upgrade/record.ts'
import { currentRemovalMode, groupChangesOf } from '../../domain/upgrade/removal-mode.ts'
import { phaseInWords, phasesOf, type Upgrade } from '../../domain/upgrade/upgrade.ts'
import { precheckError } from '../../errors.ts'
import type { Node } from '../../remote/nodes.ts'
import { sightOf } from '../../waits/await-healthy.ts'
import type { Fleet } from '../fleet.ts'
import { capability } from '../machines/power.ts'
import { knownNodes } from '../swarm/known-nodes.ts'
import { assertQuorumSurvives, assertSpareManager, groupOf } from '../swarm/quorum-guard.ts'
import type { Member, SwarmSelection } from '../swarm/select-nodes.ts'
import { asWanted } from './as-wanted.ts'
import { refuseNoBudget } from './budget.ts'
import { viewOfRole } from './candidates.ts'
import { recordOn } from './charges.ts'
import { checkHosts } from './check-hosts.ts'
import { GO_BACK, GO_ON } from './stopped.ts'

export interface UpgradeRequest {
  readonly role: Node['role']
  /** The nodes that are named; without any, all of the role. */
  readonly words: readonly string[]
  readonly upgrade: Upgrade
  readonly options: UpgradeOptions
  /** Whether an engine may become older, or skip a major release. */
  readonly anyVersion: boolean
}

/** An upgrade, checked: nothing was changed yet. */
export interface UpgradePlan {
  readonly request: UpgradeRequest
  /** Its members are the nodes that are to be upgraded, in order. */
  readonly view: SwarmSelection
  /** The names of those that are as wanted already. */
  readonly untouched: readonly string[]
  /** Those that stay, and whose engine is only to be held. */
  readonly unheld: readonly Member[]
  /** What the steps are, node by node, as a run shows them. */
  readonly steps: readonly { readonly name: string; readonly steps: readonly string[] }[]
  /** What it does to services, node by node. */
  readonly impacts: readonly Impact[]
  /** The swarm before anything was done to it. */
  readonly before: SwarmSight
}

/**
 * Checks an upgrade of managers or workers, and says what it would do.
 * @throws a quorum refusal (exit code 5), a usage error, or a precheck error that names the hosts (exit code 3)
 */
export async function planUpgrade(fleet: Fleet, request: UpgradeRequest): Promise<UpgradePlan> {
  const { upgrade, options, role, words } = request
  if (upgrade.kind === 'size')
    for (const verb of ['shutdown', 'resize', 'start'] as const) capability(fleet, verb)
  const whole = await viewOfRole(fleet, role, words)
  refuseUnfinished(whole.nodes)
  const { untouched, unheld } = await asWanted(fleet, whole.members, upgrade)
  const staying = new Set([...untouched, ...unheld.map(({ name }) => name)])
  const view = { ...whole, members: inOrder(whole.members.filter(({ name }) => !staying.has(name))) }
  await knownNodes(fleet, whole.manager.host)
  const before = await sightOf(whole.manager.host, fleet.signal)
  if (view.members.length > 0) {
    if (role === 'manager') checkQuorum(view, request)
    else
      refuseNoBudget(
        before.nodes,
        view.members.map(({ node }) => node.id),
        options,
      )
    await checkHosts(fleet, view, request)
  }
  return {
    request,
    view,
    untouched,
    unheld,
    steps: [...unheld.map(({ name }) => ({ name, steps: ['hold the engine'] })), ...stepsOf(view, upgrade)],
    impacts: impactsOf(view, before, options),
    before,
  }
}

function refuseUnfinished(nodes: readonly Node[]): void {
  const records = nodes.flatMap(node => recordOn(node) ?? [])
  const [first] = records
  if (!first) return
  const names = foldShort(records.map(({ machine }) => machine).sort(naturalOrder))
  throw precheckError(
    'upgrade-unfinished',
    `an upgrade that ${first.by} began at ${first.since} is not finished on ${names}`,
    {
      hint: `belt upgrade shows it; ${records.some(({ isGivenUp }) => isGivenUp) ? GO_BACK : GO_ON}`,
    },
  )
}

function inOrder(members: readonly Member[]): Member[] {
  const rank = ({ node }: Member) => (node.isLeader ? 1 : 0)
  return [...members].sort((a, b) => rank(a) - rank(b) || naturalOrder(a.name, b.name))
}

function checkQuorum({ nodes, members }: SwarmSelection, { upgrade, options }: UpgradeRequest): void {
  const group = groupOf(nodes)
  if (!options.allowOutage) assertSpareManager(group)
  if (group.reachable < group.managers) {
    throw precheckError(
      'not-healthy',
      `${group.reachable} of ${group.managers} managers answer: no other is taken out meanwhile`,
      {
        hint: 'belt swarm status shows which, and what mends it',
      },
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

function stepsOf({ nodes, members }: SwarmSelection, upgrade: Upgrade): UpgradePlan['steps'] {
  return members.map(({ name, node: { id, role, availability } }) => {
    const removalMode = currentRemovalMode(upgrade, nodes, id)
    const outgoing = { upgrade, role, availability, isDone: false, removalMode }
    return { name, steps: phasesOf(outgoing).map(phase => phaseInWords(phase, outgoing)) }
  })
}

/** What each node's drain would do by itself: they go one after the other, or as many as find room. */
function impactsOf(
  { nodes, members }: SwarmSelection,
  before: SwarmSight,
  options: UpgradeOptions,
): Impact[] {
  const { services, tasks } = before
  const impacts = members.flatMap(({ node }) => forecastDrain({ going: [node.id], nodes, services, tasks }))
  const stuck = impacts.filter(({ kind }) => kind === 'stuck')
  if (stuck.length > 0 && !options.allowDowntime) {
    const reasons = [
      ...new Set(stuck.map(({ service, reason }) => `${service} has no other place: ${reason}`)),
    ]
    throw precheckError('no-room', reasons.join('\n'), {
      hint: 'make room for it elsewhere, or let it be down meanwhile with --allow-downtime',
      details: { services: [...new Set(stuck.map(({ service }) => service))] },
    })
  }
  return [...new Map(impacts.map(impact => [`${impact.service} ${impact.kind}`, impact])).values()]
}
