import { isOut, waveOf } from '../../domain/upgrade/waves.ts'
import { BeltError } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'
import { drainImpacts } from '../swarm/drain.ts'
import type { SwarmSelection } from '../swarm/select-nodes.ts'
import { budgetOf, noBudget } from './budget.ts'
import { type Charge, pendingOf, type UpgradeScene } from './charges.ts'
import { GO_ON } from './stopped.ts'

/** Nodes that are out at the same time. */
export interface Wave {
  readonly charges: readonly Charge[]
  /** The names of the services that are down meanwhile, because they find no other place. */
  readonly down: readonly string[]
}

/**
 * Which nodes go next: those that are out already must come back before others go; then managers one by one, the
 * leader last, or as many workers as may be out at once and as leave room for their services.
 * @returns undefined when all are done
 * @throws `no-room` when a service finds no other place, and may not be down; `no-budget` when so many workers are out,
 *   for other reasons, that no other may go
 */
export async function nextWave(fleet: Fleet, scene: UpgradeScene): Promise<Wave | undefined> {
  const charges = pendingOf(scene)
  const out = charges.filter(({ record }) => record.state !== 'waiting')
  const [first] = out.length > 0 ? out : charges
  if (!first) return undefined
  return withRoom(fleet, scene, out.length > 0 ? out : inTurn(scene, first))
}

function inTurn({ nodes, ...scene }: UpgradeScene, first: Charge): Charge[] {
  const charges = pendingOf({ nodes, ...scene })
  if (first.record.role === 'manager') return [charges.find(({ node }) => !node.isLeader) ?? first]
  const budget = budgetOf(nodes, first.record.options)
  const wave = waveOf(charges, ({ node }) => isOut(node), { most: budget.most, out: budget.out.length })
  if (wave.length === 0) throw noBudget(budget)
  return wave
}

/** Halves a wave until the services on it find room elsewhere. */
async function withRoom(fleet: Fleet, scene: UpgradeScene, charges: readonly Charge[]): Promise<Wave> {
  const going = charges.filter(({ record }) => record.state !== 'done')
  const stuck = (await drainImpacts(fleet, viewOf(scene, going))).filter(({ kind }) => kind === 'stuck')
  const down = stuck.map(({ service }) => service)
  if (stuck.length === 0 || charges[0]?.record.options.allowDowntime) return { charges, down }
  if (going.length > 1) return withRoom(fleet, scene, charges.slice(0, Math.ceil(charges.length / 2)))
  const [{ service, reason } = { service: '', reason: '' }] = stuck
  throw new BeltError(
    'no-room',
    `${going[0]?.name}: ${service} has no other place, so a drain would not end: ${reason}`,
    {
      host: going[0]?.name ?? '',
      hint: `make room for it elsewhere, or let it be down meanwhile with --allow-downtime\n${GO_ON}`,
      details: { services: down },
    },
  )
}

/** The swarm with some of the nodes that are to be upgraded as its members. */
export function viewOf(
  { machines, manager, nodes }: UpgradeScene,
  charges: readonly Charge[],
): SwarmSelection {
  return { machines, manager, nodes, members: charges.map(charge => ({ ...charge, unreachable: undefined })) }
}
