import { isNeeded, phaseOf } from '../../domain/upgrade/phases.ts'
import { phaseContextOf } from '../../domain/upgrade/record.ts'
import { isUnavailable, waveOf } from '../../domain/upgrade/waves.ts'
import { BeltError } from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import { readBoot } from '../../queries/boot.ts'
import type { Fleet } from '../fleet.ts'
import { drainImpacts, drainNodes } from '../swarm/drain.ts'
import type { SwarmSelection } from '../swarm/select-nodes.ts'
import { unlockKeyOf } from '../swarm/unlock-key.ts'
import { failureInPhase } from './failure.ts'
import { limitReached, unavailableLimitOf } from './limits.ts'
import { NodeUpgrade } from './node.ts'
import { isOut, pendingOf, saveRecord, type UpgradeSnapshot, type UpgradeTarget } from './records.ts'

/** Nodes that are out at the same time. */
export interface Wave {
  readonly targets: readonly UpgradeTarget[]
  /** The names of the services that are down meanwhile, because they cannot run elsewhere. */
  readonly down: readonly string[]
}

/**
 * Chooses the nodes of the next wave. Nodes that are out already come first. After them, managers go one at a time with
 * the leader last, and workers as many at once as the limit and their services allow.
 * @returns undefined when all nodes are finished
 * @throws `no-room` when a service cannot run elsewhere and must not be down; `no-budget` when too many workers are
 *   unavailable for other reasons
 */
export async function nextWave(fleet: Fleet, snapshot: UpgradeSnapshot): Promise<Wave | undefined> {
  const pending = pendingOf(snapshot)
  const out = pending.filter(isOut)
  const [first] = out.length > 0 ? out : pending
  if (!first) return undefined
  return withRoom(fleet, snapshot, out.length > 0 ? out : inTurn(snapshot, first))
}

function inTurn(snapshot: UpgradeSnapshot, first: UpgradeTarget): UpgradeTarget[] {
  const pending = pendingOf(snapshot)
  if (first.record.role === 'manager') return [pending.find(({ node }) => !node.isLeader) ?? first]
  const limit = unavailableLimitOf(snapshot.nodes, first.record.options)
  const { most, unavailable } = limit
  const wave = waveOf(pending, ({ node }) => isUnavailable(node), { most, unavailable: unavailable.length })
  if (wave.length === 0) throw limitReached(limit)
  return wave
}

/** Halves a wave until its services find room on other nodes. */
async function withRoom(
  fleet: Fleet,
  snapshot: UpgradeSnapshot,
  targets: readonly UpgradeTarget[],
): Promise<Wave> {
  const going = targets.filter(({ record }) => record.state !== 'done')
  const stuck = (await drainImpacts(fleet, viewOf(snapshot, going))).filter(({ kind }) => kind === 'stuck')
  const down = stuck.map(({ service }) => service)
  if (stuck.length === 0 || targets[0]?.record.options.allowDowntime) return { targets, down }
  if (going.length > 1) return withRoom(fleet, snapshot, targets.slice(0, Math.ceil(targets.length / 2)))
  const [{ service, reason } = { service: '', reason: '' }] = stuck
  throw new BeltError(
    'no-room',
    `${going[0]?.name}: ${service} cannot run elsewhere, so the drain would not end: ${reason}`,
    {
      host: going[0]?.name ?? '',
      hint: 'make room for it on other nodes, or allow it to be down meanwhile with --allow-downtime',
      details: { services: down },
    },
  )
}

/** Drains all nodes of a wave, then upgrades them at the same time. @returns one answer per node */
export async function upgradeWave(
  fleet: Fleet,
  snapshot: UpgradeSnapshot,
  { targets, down }: Wave,
  timeoutMs?: number,
): Promise<Answer<void>[]> {
  const { managers } = snapshot
  const unlockKey = await unlockKeyOf(snapshot.manager.host, fleet.signal)
  const taken = await takeOut(fleet, snapshot, targets)
  const toDrain = taken.filter(({ record }) => isNeeded(phaseOf('drain'), phaseContextOf(record)))
  try {
    if (toDrain.length > 0) await drainNodes(fleet, viewOf(snapshot, toDrain), timeoutMs, down)
  } catch (error) {
    throw await failureInPhase(fleet, taken, managers, 'drain', error)
  }
  return fanOut(taken, target => new NodeUpgrade(fleet, target, { managers, unlockKey, timeoutMs }).run(), {
    concurrency: fleet.concurrency,
    signal: fleet.signal,
  })
}

/** Records that nodes go out, and what they are at this moment, before anything is done to them. */
async function takeOut(
  fleet: Fleet,
  { manager, managers }: UpgradeSnapshot,
  targets: readonly UpgradeTarget[],
): Promise<UpgradeTarget[]> {
  const record = async (target: UpgradeTarget) => {
    const { node, machine, record } = target
    if (record.state !== 'waiting') return target
    const boot = await readBoot(fleet.host(machine), fleet.signal)
    const { role, availability } = node
    return saveRecord(fleet, manager.host, target, { ...record, role, availability, boot, state: 'out' })
  }
  const answers = await fanOut(targets, record, { concurrency: fleet.concurrency, signal: fleet.signal })
  const [failure, ...more] = failedOf(answers)
  if (!failure) return answers.flatMap(answer => (answer.ok ? [answer.value] : []))
  const failed = targets.filter(({ name }) => [failure, ...more].some(({ host }) => host === name))
  throw await failureInPhase(fleet, failed, managers, 'take-out', failure.error)
}

/** The swarm with nodes of the upgrade as its members. */
function viewOf(
  { machines, manager, nodes }: UpgradeSnapshot,
  targets: readonly UpgradeTarget[],
): SwarmSelection {
  return { machines, manager, nodes, members: targets.map(target => ({ ...target, unreachable: undefined })) }
}
