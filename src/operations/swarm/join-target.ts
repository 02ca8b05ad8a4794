import type { Machine } from '../../drivers/driver.ts'
import { BeltError, precheckError, reasonOf } from '../../errors.ts'
import { understood } from '../../hosts/engine-client.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import type { SwarmToJoin } from '../../queries/join-standing.ts'
import { readMembership } from '../../queries/membership.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import { joinTokenCommand, type Membership, parseJoinToken } from '../../remote/swarm.ts'
import { retry } from '../../retry.ts'
import type { Fleet } from '../fleet.ts'
import { JoinPace } from './join-pace.ts'
import { ManagersView } from './managers-view.ts'
import { nodeOf } from './match-nodes.ts'

/** Longer than an election takes. */
const UNREACHABLE_MS = 60_000
const MANAGERS_POLL_MS = 1000

/** A swarm that many hosts are about to join. */
export interface JoinTarget {
  readonly role: 'worker' | 'manager'
  /** The host of the given manager. */
  readonly manager: Host
  /** The nodes before the first host joined. */
  readonly nodes: readonly Node[]
  readonly pace: JoinPace
  readonly view: ManagersView
  readonly token: string
  /** Reachable managers, `address:port`, the given one first. */
  readonly addresses: readonly string[]
  /** The join request for the next host. Workers use the managers in turn. */
  next(): SwarmToJoin
  /**
   * Waits while the managers are silent.
   * @throws `not-tried` if they stay silent for too long, and at once from then on
   */
  admit(name: string): Promise<void>
}

/**
 * Reads what hosts need to join the swarm of a manager.
 * @throws a precheck error if the machine is not a working manager
 */
export async function readJoinTarget(
  fleet: Fleet,
  machine: Machine,
  role: 'worker' | 'manager',
): Promise<JoinTarget> {
  const manager = fleet.host(machine)
  const membership = await readMembership(manager, fleet.signal)
  const clusterId = clusterOf(machine, membership)
  const nodes = await readNodes(manager, fleet.signal)
  const { stdout } = await runChecked(manager, joinTokenCommand(role), { signal: fleet.signal })
  const token = understood(manager, () => parseJoinToken(stdout))
  const addresses = reachableAddresses(membership, nodes)
  const pace = new JoinPace(fleet)
  const view = new ManagersView(
    [manager, ...(await otherManagers(fleet, machine, nodes))],
    pace,
    fleet.signal,
  )
  let taken = 0
  return {
    ...{ role, manager, nodes, pace, view, token, addresses },
    next: () => ({
      ...{ clusterId, role, token, managers: view },
      addresses: role === 'manager' ? addresses : rotated(addresses, taken++),
    }),
    admit: admission(view, fleet),
  }
}

function clusterOf(machine: Machine, { isManager, state, clusterId, error }: Membership): string {
  if (isManager && state === 'active' && clusterId) return clusterId
  throw precheckError('not-a-manager', `${machine.name} is not a working manager: it is ${error ?? state}`, {
    host: machine.name,
    hint: `belt swarm init ${machine.name} starts a swarm there`,
  })
}

function reachableAddresses({ managers, nodeId }: Membership, nodes: readonly Node[]): string[] {
  const reachable = new Set(
    nodes.filter(({ reachability }) => reachability === 'reachable').map(({ id }) => id),
  )
  const own = managers.filter(manager => manager.nodeId === nodeId)
  const others = managers.filter(manager => manager.nodeId !== nodeId && reachable.has(manager.nodeId))
  return [...own, ...others].map(({ address }) => address)
}

async function otherManagers(fleet: Fleet, named: Machine, nodes: readonly Node[]): Promise<Host[]> {
  const machines = await fleet.machines.list(fleet.signal)
  const managers = nodes.filter(({ reachability }) => reachability === 'reachable')
  return machines
    .filter(machine => machine.name !== named.name && machine.ssh && nodeOf(machine, managers))
    .map(machine => fleet.host(machine))
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % Math.max(1, items.length)
  return [...items.slice(start), ...items.slice(0, start)]
}

/**
 * Starts no more joins while the managers are silent. If they stay silent for too long, it starts none at all, so that
 * hundreds of hosts do not each wait in vain.
 */
function admission(view: ManagersView, { signal, clock }: Fleet) {
  let closed: { readonly cause: unknown } | undefined
  return async (name: string): Promise<void> => {
    if (view.unreachable !== undefined) {
      closed ??= await retry(view.states, {
        deadlineMs: UNREACHABLE_MS,
        everyMs: MANAGERS_POLL_MS,
        signal,
        clock,
      }).then(
        () => undefined,
        cause => ({ cause }),
      )
    }
    signal.throwIfAborted()
    if (!closed) return
    const reason = `no manager answers: ${reasonOf(closed.cause)}`
    throw new BeltError('not-tried', `${name}: not tried, because ${reason}`, {
      host: name,
      hint: 'belt swarm status shows the state of the managers; run the same command again to continue',
      cause: closed.cause,
    })
  }
}
