import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, precheckError, reasonOf } from '../../errors.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Membership } from '../../remote/swarm.ts'
import type { Fleet } from '../fleet.ts'
import { findManager, findManagerSoon } from '../swarm/find-manager.ts'
import { nodeOf } from '../swarm/match-nodes.ts'
import { assertQuorumSurvivesLoss, groupOf } from '../swarm/quorum-guard.ts'
import { readMemberships } from '../swarm/read-memberships.ts'

/** What is known, before machines go, of what the swarm would lose with them. */
export type SwarmImpact =
  /** There is no swarm to lose: every machine says that it is in none, or the whole cluster goes. */
  | { readonly kind: 'none' }
  /** The swarm could not be asked; what would be lost is unknown. */
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'known'; readonly managers: string[]; readonly workers: string[] }

/**
 * Asks the swarm which of its nodes would be lost with these machines.
 * @param swarmLost whether to go on with an unknown impact where managers may be among them
 * @throws a quorum refusal when the swarm would no longer take decisions; a precheck error when that is not known
 */
export async function swarmImpact(
  fleet: Fleet,
  all: readonly Machine[],
  going: readonly Machine[],
  swarmLost: boolean,
): Promise<SwarmImpact> {
  if (going.length === all.length) return { kind: 'none' }
  let nodes: Node[]
  try {
    const { host } = await (swarmLost ? findManagerSoon : findManager)(fleet, all)
    nodes = await readNodes(host, fleet.signal)
  } catch (error) {
    if (error instanceof BeltError && error.code === 'no-swarm') return { kind: 'none' }
    if (!swarmLost) await assertNoUnknownManager(fleet, going, error)
    return { kind: 'unknown', reason: reasonOf(error) }
  }
  const members = going.flatMap(machine => {
    const node = nodeOf(machine, nodes)
    return node ? [{ machine, node }] : []
  })
  const managers = members.filter(({ node }) => node.reachability !== undefined)
  assertQuorumSurvivesLoss(groupOf(nodes), groupOf(managers.map(({ node }) => node)).reachable, {
    hint: 'demote managers first (belt swarm demote NAME), or name the whole cluster (@all)',
  })
  return {
    kind: 'known',
    managers: managers.map(({ machine }) => machine.name),
    workers: members.filter(member => !managers.includes(member)).map(({ machine }) => machine.name),
  }
}

/**
 * Checks that the swarm can do without these machines for a while. Machines that are off already are not counted.
 * @throws as `swarmImpact`
 */
export async function assertSwarmCanSpare(
  fleet: Fleet,
  going: readonly Machine[],
  swarmLost: boolean,
): Promise<void> {
  const all = await fleet.machines.list(fleet.signal)
  const running = going.filter(({ status }) => status !== 'off')
  if (running.length === 0 || going.length === all.length) return
  const impact = await swarmImpact(fleet, all, running, swarmLost)
  if (impact.kind === 'unknown')
    fleet.progress.note(`cannot tell what this does to the swarm: ${impact.reason}`)
}

/** Without a manager to ask, only a host itself can say that it is not a manager. */
async function assertNoUnknownManager(
  fleet: Fleet,
  going: readonly Machine[],
  cause: unknown,
): Promise<void> {
  const answers = await readMemberships(fleet, going)
  const names = answers.filter(answer => !answer.ok || mayManage(answer.value)).map(({ host }) => host)
  if (names.length === 0) return
  throw precheckError(
    'unknown-managers',
    `refused: the swarm may need ${foldShort(names)}, and no manager can tell: ${reasonOf(cause)}`,
    {
      hint: 'belt swarm status shows the state of the swarm, and an election ends within 30 s; if the swarm is lost or was never formed: --swarm-lost, or name the whole cluster (@all)',
      cause,
      details: { unknown: names },
    },
  )
}

function mayManage({ state, isManager }: Membership): boolean {
  return state !== 'inactive' && (state !== 'active' || isManager)
}
