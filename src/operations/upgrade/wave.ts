import { leaderLast } from '../../domain/quorum.ts'
import { holdsDrain } from '../../domain/swarm/drain-forecast.ts'
import { isNeeded, WAVE_PHASES, type WavePhaseId } from '../../domain/upgrade/phases.ts'
import { phaseContextOf } from '../../domain/upgrade/record.ts'
import { isUnavailable, waveOf } from '../../domain/upgrade/waves.ts'
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
import { noRoom } from './room.ts'

/** Nodes that are out at the same time. */
export interface Wave {
  readonly targets: readonly UpgradeTarget[]
  /** The names of the services that are down meanwhile, because they cannot run elsewhere, and of interrupted jobs. */
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
  if (first.record.role === 'manager')
    return pending.toSorted((a, b) => leaderLast(a.node, b.node)).slice(0, 1)
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
  const holding = (await drainImpacts(fleet, viewOf(snapshot, going))).filter(holdsDrain)
  const down = holding.map(({ service }) => service)
  if (holding.length === 0 || targets[0]?.record.options.allowDowntime) return { targets, down }
  if (going.length > 1) return withRoom(fleet, snapshot, targets.slice(0, Math.ceil(targets.length / 2)))
  throw noRoom(holding, { node: going[0]?.name })
}

/** Upgrades the nodes of a wave at the same time, after the phases that all share. @returns one answer per node */
export async function upgradeWave(
  fleet: Fleet,
  snapshot: UpgradeSnapshot,
  { targets, down }: Wave,
  timeoutMs?: number,
): Promise<Answer<void>[]> {
  const { managers } = snapshot
  const unlockKey = await unlockKeyOf(snapshot.manager.host, fleet.signal)
  let out = targets
  for (const phase of WAVE_PHASES) {
    const needing = out.filter(({ record }) => isNeeded(phase, phaseContextOf(record)))
    if (needing.length > 0) out = await ACTIONS[phase.id]({ fleet, snapshot, out, down, timeoutMs }, needing)
  }
  return fanOut(out, target => new NodeUpgrade(fleet, target, { managers, unlockKey, timeoutMs }).run(), {
    concurrency: fleet.concurrency,
    signal: fleet.signal,
  })
}

/** A wave in one of the phases that all its nodes share. */
interface SharedPhase extends Pick<Wave, 'down'> {
  readonly fleet: Fleet
  readonly snapshot: UpgradeSnapshot
  /** All nodes of the wave, as they are now. */
  readonly out: readonly UpgradeTarget[]
  readonly timeoutMs: number | undefined
}

/** @param needing the nodes of the wave that need the phase @returns all nodes of the wave, as they are afterwards */
type SharedAction = (
  wave: SharedPhase,
  needing: readonly UpgradeTarget[],
) => Promise<readonly UpgradeTarget[]>

/** Records that nodes go out, and what they are at this moment, before anything is done to them. */
const takeOut: SharedAction = async ({ fleet, snapshot, out }, needing) => {
  const { manager, managers } = snapshot
  const record = async (target: UpgradeTarget) => {
    const { node, machine, record } = target
    if (record.state !== 'waiting') return target
    const boot = await readBoot(fleet.host(machine), fleet.signal)
    const { role, availability } = node
    return saveRecord(fleet, manager.host, target, { ...record, role, availability, boot, state: 'out' })
  }
  const answers = await fanOut(needing, record, { concurrency: fleet.concurrency, signal: fleet.signal })
  const [failure, ...more] = failedOf(answers)
  if (failure) {
    const failed = needing.filter(({ name }) => [failure, ...more].some(({ host }) => host === name))
    throw await failureInPhase(fleet, failed, managers, 'take-out', failure.error)
  }
  const recorded = new Map(answers.flatMap(answer => (answer.ok ? [[answer.host, answer.value]] : [])))
  return out.map(target => recorded.get(target.name) ?? target)
}

const drain: SharedAction = async ({ fleet, snapshot, out, down, timeoutMs }, needing) => {
  try {
    await drainNodes(fleet, viewOf(snapshot, needing), timeoutMs, down)
    return out
  } catch (error) {
    throw await failureInPhase(fleet, out, snapshot.managers, 'drain', error)
  }
}

/** What each shared phase does. */
const ACTIONS: Readonly<Record<WavePhaseId, SharedAction>> = { 'take-out': takeOut, drain }

/** The swarm with nodes of the upgrade as its members. */
function viewOf(
  { machines, manager, nodes }: UpgradeSnapshot,
  targets: readonly UpgradeTarget[],
): SwarmSelection {
  return { machines, manager, nodes, members: targets.map(target => ({ ...target, unreachable: undefined })) }
}
