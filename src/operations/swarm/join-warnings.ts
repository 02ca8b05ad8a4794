import { foldShort } from '../../domain/ranges.ts'
import { ingressRoom } from '../../domain/swarm/ingress-room.ts'
import type { Machine } from '../../drivers/driver.ts'
import { reasonOf } from '../../errors.ts'
import { understood } from '../../hosts/engine-client.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { readNodes } from '../../queries/nodes.ts'
import { ingressCommand, parseIngress } from '../../remote/ingress.ts'
import type { Fleet } from '../fleet.ts'
import type { JoinTarget } from './join-target.ts'
import { nodeOf } from './match-nodes.ts'

/**
 * The share of the ingress network that may be in use. The rest is for updates, which run additional tasks for a while.
 */
const FULL = 0.8

/**
 * Warns if the ingress network has too few addresses for all nodes and their tasks.
 * @param joining how many nodes will join
 */
export async function warnOfRoom(
  fleet: Fleet,
  { manager, nodes }: Pick<JoinTarget, 'manager' | 'nodes'>,
  joining: number,
): Promise<void> {
  const { progress, signal } = fleet
  try {
    const { stdout } = await runChecked(manager, ingressCommand, { signal })
    const { subnets, services } = understood(manager, () => parseIngress(stdout))
    const all = nodes.length + joining
    const { has, needs } = ingressRoom(subnets, all, services)
    if (subnets.length === 0 || needs <= has * FULL) return
    progress.note(
      `warning: the ingress network has ${has} addresses (${subnets.join(', ')}), and ${all} nodes and the published services need ${needs}; when it is full, tasks stay "New"; docs/operations/joining.md shows how to make it larger`,
    )
  } catch (error) {
    signal.throwIfAborted()
    progress.note(`cannot tell whether the ingress network has room for all nodes: ${reasonOf(error)}`)
  }
}

/** Warns if nodes that joined have the host name of another living node. */
export async function warnOfNames(
  fleet: Fleet,
  { manager }: Pick<JoinTarget, 'manager'>,
  joined: readonly Machine[],
): Promise<void> {
  if (fleet.signal.aborted) return
  const nodes = await readNodes(manager, fleet.signal).catch(() => [])
  const living = nodes.filter(({ state }) => state === 'ready')
  const namesOf = new Map<string, string[]>()
  for (const machine of joined) {
    const hostname = nodeOf(machine, living)?.hostname
    if (hostname !== undefined) namesOf.set(hostname, [...(namesOf.get(hostname) ?? []), machine.name])
  }
  for (const [hostname, names] of namesOf) {
    const alike = living.filter(node => node.hostname === hostname).length
    if (alike < 2) continue
    fleet.progress.note(
      `warning: ${alike} nodes are called ${hostname}, including ${foldShort(names)}: belt hostname ${names.length === 1 ? names[0] : `'${names.join(' ')}'`} names hosts after their machines`,
    )
  }
}
