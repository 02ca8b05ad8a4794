import { naturalOrder } from '../../domain/natural-order.ts'
import { leaderLast, quorumOf, survivesLoss } from '../../domain/quorum.ts'
import { isAlive } from '../../domain/swarm/workload.ts'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { readNodes } from '../../queries/nodes.ts'
import { readTasks } from '../../queries/services.ts'
import type { Node } from '../../remote/nodes.ts'
import { assertMay } from '../assert-may.ts'
import type { Fleet } from '../fleet.ts'
import { assertHostsRestartable } from '../restartable.ts'
import { findManager, type Manager } from '../swarm/find-manager.ts'
import { groupOf, quorumError } from '../swarm/quorum-guard.ts'
import { readMemberships } from '../swarm/read-memberships.ts'

/** The manager that a backup is taken from, and the cost. Nothing was changed yet. */
export interface BackupPlan {
  readonly source: { readonly machine: Machine; readonly node: Node }
  /** The manager that is asked meanwhile; the source itself if there is no other. */
  readonly witness: Manager
  readonly nodes: readonly Node[]
  /** How many tasks run on the source and will stop. */
  readonly tasks: number
  /** Whether the swarm makes no decisions for some or all of the time that the engine is stopped. */
  readonly outage: boolean
}

/**
 * Chooses the manager to take a backup from: one that answers and does not lead, with the fewest tasks.
 * @throws a quorum refusal (exit code 5) if the quorum needs the manager, or only the leader answers, unless an outage
 *   is allowed; a precheck error if its engine would not start again, or its login user may not become root
 */
export async function planBackup(fleet: Fleet, allowOutage: boolean): Promise<BackupPlan> {
  const machines = await fleet.machines.list(fleet.signal)
  const { host } = await findManager(fleet, machines)
  const nodes = await readNodes(host, fleet.signal)
  const [source] = await inOrder(fleet, await candidates(fleet, host, machines, nodes))
  if (!source) {
    throw precheckError('no-manager', `no manager of ${fleet.cluster} answers over SSH`, {
      hint: 'belt swarm status shows why',
    })
  }
  const outage = outageOf(source, nodes)
  if (outage && !allowOutage) throw needsOutage(source.machine, outage, nodes)
  await assertMay(fleet, [source.machine], 'root')
  await assertHostsRestartable(fleet, [source.machine])
  const others = machines.filter(({ name }) => name !== source.machine.name)
  const witness = await findManager(fleet, others).catch(() => findManager(fleet, machines))
  return { source, witness, nodes, tasks: source.tasks, outage: outage !== undefined }
}

interface Candidate {
  readonly machine: Machine
  readonly node: Node
  readonly tasks: number
}

async function candidates(
  fleet: Fleet,
  manager: Host,
  machines: readonly Machine[],
  nodes: readonly Node[],
): Promise<Candidate[]> {
  const answers = await readMemberships(fleet, machines)
  const managers = machines.flatMap((machine, index) => {
    const answer = answers[index]
    const node = answer?.ok ? nodes.find(({ id }) => id === answer.value.nodeId) : undefined
    return node?.reachability === 'reachable' ? [{ machine, node }] : []
  })
  const tasks = await readTasks(manager, { nodeIds: managers.map(({ node }) => node.id) }, fleet.signal)
  const running = (id: string) => tasks.filter(task => task.nodeId === id && isAlive(task)).length
  return managers.map(manager => ({ ...manager, tasks: running(manager.node.id) }))
}

/** The leader comes last; the active host late, because Belt talks to it. */
async function inOrder(fleet: Fleet, managers: readonly Candidate[]): Promise<Candidate[]> {
  const active = await fleet.activeHost.get()
  return managers.toSorted(
    (a, b) =>
      leaderLast(a.node, b.node) ||
      a.tasks - b.tasks ||
      Number(a.machine.name === active) - Number(b.machine.name === active) ||
      naturalOrder(a.machine.name, b.machine.name),
  )
}

interface Outage {
  readonly why: string
  readonly hint: string
}

/** Why the swarm makes no decisions while the engine of a manager is stopped; undefined if it still does. */
function outageOf({ machine: { name }, node }: Candidate, nodes: readonly Node[]): Outage | undefined {
  const { managers, reachable } = groupOf(nodes)
  const hint = '--allow-outage accepts this, for about 15 s; with three managers there is no outage'
  if (managers === 1) {
    const why = `${name} is the only manager, and its engine must stop for a backup; meanwhile the swarm takes no decisions, and the tasks on ${name} stop`
    return { why, hint }
  }
  if (!survivesLoss({ managers, reachable }, 1)) {
    const why = `${reachable} of ${managers} managers answer, and without ${name} the swarm lacks the ${quorumOf(managers)} that it needs as long as its engine is stopped`
    return { why, hint }
  }
  if (!node.isLeader) return undefined
  return {
    why: `${name} leads, and Belt reaches no other manager; when its engine stops, the swarm takes no decisions until the others have elected a leader, for about 20 s`,
    hint: 'let Belt reach another manager (belt swarm status shows why); or accept this with --allow-outage',
  }
}

function needsOutage({ name }: Machine, { why, hint }: Outage, nodes: readonly Node[]): Error {
  return quorumError(why, { host: name, hint, details: { ...groupOf(nodes) } })
}
