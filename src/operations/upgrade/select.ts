import { engineInPackage, isEngineVersion } from '../../domain/engine-version.ts'
import { foldShort } from '../../domain/ranges.ts'
import type { Upgrade } from '../../domain/upgrade/upgrade.ts'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError, usageError } from '../../errors.ts'
import { failedOf, fanOut } from '../../hosts/fan-out.ts'
import { type EngineStanding, engineStanding } from '../../queries/engine-version.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachines } from '../select-machines.ts'
import { readMemberships } from '../swarm/read-memberships.ts'
import { type Member, notMembers, readMembers, type SwarmSelection } from '../swarm/select-nodes.ts'
import { readSnapshot } from '../swarm/snapshot.ts'

/**
 * Selects the nodes to upgrade, as the members of the swarm.
 * @param words the nodes that the user names; all nodes of the role by default
 * @throws a usage error for nodes of the other role; a precheck error for machines outside the swarm or unreachable nodes
 */
export async function selectUpgradeNodes(
  fleet: Fleet,
  role: Node['role'],
  words: readonly string[],
): Promise<SwarmSelection> {
  const named = words.length > 0 ? await selectMachines(fleet, words) : undefined
  const snapshot = await readSnapshot(fleet)
  const { outside, ...view } = await readMembers(fleet, snapshot, named ?? snapshot.machines)
  if (words.length > 0 && outside.length > 0) throw notMembers(fleet, outside)
  const other = view.members.filter(({ node }) => node.role !== role)
  if (words.length > 0 && other.length > 0) {
    const names = foldShort(other.map(({ name }) => name))
    const otherRole = role === 'manager' ? 'workers' : 'managers'
    throw usageError('other-role', `${names}: ${otherRole}, not ${role}s`, {
      hint: `belt upgrade ${otherRole} ${names}`,
    })
  }
  if (words.length === 0) await assertAllKnown(fleet, role, view, outside)
  const members = view.members.filter(({ node }) => node.role === role)
  assertReachable(members)
  return { ...view, members }
}

function assertReachable(members: readonly Member[]): void {
  const silent = members.filter(({ unreachable }) => unreachable)
  if (!silent[0]) return
  throw precheckError(
    'unreachable-nodes',
    `${foldShort(silent.map(({ name }) => name))} cannot be reached: ${silent[0].unreachable?.message}`,
    { hint: 'start them first, or name the other nodes' },
  )
}

/** A silent machine may be any node without a known machine. "All nodes" must not leave such a node out silently. */
async function assertAllKnown(
  fleet: Fleet,
  role: Node['role'],
  { nodes, members }: SwarmSelection,
  outside: readonly Machine[],
): Promise<void> {
  const known = new Set(members.map(({ node }) => node.id))
  const unclaimed = nodes.filter(node => node.role === role && !known.has(node.id))
  if (unclaimed.length === 0) return
  const [first, ...more] = failedOf(await readMemberships(fleet, outside))
  if (!first) return
  const silent = foldShort([first, ...more].map(({ host }) => host))
  throw precheckError(
    'unknown-nodes',
    `${silent} cannot be reached and may be ${foldShort(unclaimed.map(({ hostname }) => hostname))}: ${first.error.message}`,
    { hint: 'start the machine first, or name the nodes to upgrade' },
  )
}

/** The nodes that stay in service. */
export interface StayingNodes {
  /** The names of the nodes that are already in the desired state. */
  readonly untouched: readonly string[]
  /** The nodes whose engine has the desired version, but is not held at it. */
  readonly unheld: readonly Member[]
}

/** Finds the nodes that an upgrade need not take out. @throws a precheck error when a host cannot be read */
export async function findStaying(
  fleet: Fleet,
  members: readonly Member[],
  upgrade: Upgrade,
): Promise<StayingNodes> {
  if (upgrade.kind === 'engine') return withVersion(fleet, members, upgrade.version)
  if (upgrade.kind !== 'size') return { untouched: [], unheld: [] }
  const machines = members.flatMap(({ machine }) => machine ?? [])
  const options = { signal: fleet.signal, progress: fleet.progress }
  return { untouched: (await fleet.driver.ofSize?.(machines, upgrade.size, options)) ?? [], unheld: [] }
}

async function withVersion(fleet: Fleet, members: readonly Member[], wanted: string): Promise<StayingNodes> {
  const same = members.filter(({ node }) => isEngineVersion(node.engineVersion, engineInPackage(wanted)))
  const answers = await fanOut(same, member => engineOf(fleet, member, wanted), fleet)
  const [failure] = failedOf(answers)
  if (failure)
    throw precheckError(failure.error.code, failure.error.message, {
      host: failure.host,
      cause: failure.error,
    })
  const having = (standing: EngineStanding) =>
    same.filter((_, index) => {
      const answer = answers[index]
      return answer?.ok && answer.value === standing
    })
  return { untouched: having('current').map(({ name }) => name), unheld: having('not-held') }
}

async function engineOf(fleet: Fleet, { machine }: Member, wanted: string): Promise<EngineStanding> {
  return machine ? engineStanding(fleet.host(machine), wanted, fleet.signal) : 'other'
}
