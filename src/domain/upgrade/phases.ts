import type { GroupChange } from '../quorum.ts'
import type { KnownTakeOutMode } from './take-out-mode.ts'
import type { Upgrade } from './upgrade.ts'

/** The phases that run for all nodes of a wave together, before each node continues on its own. */
export type WavePhaseId = 'take-out' | 'drain'

/** The phases that run for each node on its own. */
export type NodePhaseId =
  | 'download'
  | 'check-managers'
  | 'demote'
  | 'shut-down'
  | 'resize'
  | 'install'
  | 'reboot'
  | 'run'
  | 'start'
  | 'await-back'
  | 'promote'
  | 'restore'

/** Identifies a phase in code and in the details of errors; never shown as text. */
export type PhaseId = WavePhaseId | NodePhaseId

/** What decides which phases a node needs. */
export interface PhaseContext {
  readonly upgrade: Upgrade
  /** The role of the node before the upgrade. */
  readonly role: 'manager' | 'worker'
  /** The availability of the node before the upgrade. */
  readonly availability: 'active' | 'pause' | 'drain'
  readonly takeOutMode: KnownTakeOutMode
  /** Whether the node only has to come back: its upgrade is done, or is being aborted. */
  readonly isReturning: boolean
}

/** One phase of a node's upgrade. */
export interface UpgradePhase<Id extends PhaseId = PhaseId> {
  readonly id: Id
  /** A short name, for messages about a failure. */
  readonly label: string
  /** The phase in full, for plans and progress; `label` by default. */
  readonly title?: (context: PhaseContext) => string
  /**
   * - `prepare` leaves role and engine of the node alone; it may take minutes, in which another manager may become leader
   * - `check` decides how the node is taken out
   * - `change` takes the node out and upgrades it
   * - `return` brings the node back; it also runs when an upgrade is aborted
   */
  readonly part: 'prepare' | 'check' | 'change' | 'return'
  /** Whether plans and progress leave the phase out. */
  readonly isHidden?: true
  /** Whether the phase stops the engine of the node. */
  readonly stopsEngine?: true
  /** Whether a node that fails in this phase may be lost. */
  readonly mayLoseNode?: true
  readonly neededFor: (context: PhaseContext) => boolean
}

/** How a phase takes a manager out of the Raft group, which has to be able to spare it then; undefined if it does not. */
export function groupChangeIn(
  { id, stopsEngine }: UpgradePhase,
  { takeOutMode }: PhaseContext,
): Extract<GroupChange, 'demote-reachable' | 'stop'> | undefined {
  if (id === 'demote') return 'demote-reachable'
  return stopsEngine && takeOutMode === 'stop' ? 'stop' : undefined
}

const always = () => true
const isUpgradeOf =
  (kind: Upgrade['kind']) =>
  ({ upgrade }: PhaseContext) =>
    upgrade.kind === kind
const takesTasks = ({ availability }: PhaseContext) => availability !== 'drain'

/** Names what an engine upgrade installs. */
const withVersion =
  (verb: string) =>
  ({ upgrade }: PhaseContext) =>
    upgrade.kind === 'engine' ? `${verb} engine ${upgrade.version}` : verb

/** The phases that run for all nodes of a wave together, in order. */
export const WAVE_PHASES: readonly UpgradePhase<WavePhaseId>[] = [
  { id: 'take-out', label: 'take out', part: 'prepare', isHidden: true, neededFor: always },
  { id: 'drain', label: 'drain', part: 'prepare', neededFor: takesTasks },
]

/** The phases that run for each node on its own, in order. */
export const NODE_PHASES: readonly UpgradePhase<NodePhaseId>[] = [
  {
    id: 'download',
    label: 'download',
    title: withVersion('download'),
    part: 'prepare',
    neededFor: isUpgradeOf('engine'),
  },
  { id: 'check-managers', label: 'check the managers', part: 'check', isHidden: true, neededFor: always },
  {
    id: 'demote',
    label: 'demote',
    part: 'change',
    neededFor: ({ takeOutMode }) => takeOutMode === 'demote',
  },
  {
    id: 'shut-down',
    label: 'shut down',
    part: 'change',
    stopsEngine: true,
    neededFor: isUpgradeOf('size'),
  },
  {
    id: 'resize',
    label: 'resize',
    title: ({ upgrade }) => (upgrade.kind === 'size' ? `resize to ${upgrade.size}` : 'resize'),
    part: 'change',
    neededFor: isUpgradeOf('size'),
  },
  {
    id: 'install',
    label: 'install',
    title: withVersion('install'),
    part: 'change',
    stopsEngine: true,
    neededFor: isUpgradeOf('engine'),
  },
  { id: 'reboot', label: 'reboot', part: 'change', stopsEngine: true, neededFor: isUpgradeOf('reboot') },
  {
    id: 'run',
    label: 'run',
    title: ({ upgrade }) => (upgrade.kind === 'command' ? `run: ${upgrade.line}` : 'run'),
    part: 'change',
    stopsEngine: true,
    neededFor: isUpgradeOf('command'),
  },
  { id: 'start', label: 'start', part: 'return', mayLoseNode: true, neededFor: isUpgradeOf('size') },
  {
    id: 'await-back',
    label: 'wait until it is back',
    part: 'return',
    mayLoseNode: true,
    neededFor: always,
  },
  {
    id: 'promote',
    label: 'promote',
    part: 'return',
    neededFor: ({ role, takeOutMode }) =>
      role === 'manager' && takeOutMode !== 'stop' && takeOutMode !== 'outage',
  },
  {
    id: 'restore',
    label: 'restore',
    title: ({ availability }) => `set to ${availability} again`,
    part: 'return',
    neededFor: takesTasks,
  },
]

/**
 * All phases of a node's upgrade, in order. A manager is drained before its demotion and becomes active again only after
 * its promotion: as an active worker it would be given tasks that are meant for workers.
 */
export const PHASES: readonly UpgradePhase[] = [...WAVE_PHASES, ...NODE_PHASES]

/** The phase with an id. */
export function phaseOf(id: PhaseId): UpgradePhase {
  const phase = PHASES.find(each => each.id === id)
  if (!phase) throw new Error(`there is no phase ${id}`)
  return phase
}

/** Whether a node still needs a phase. */
export function isNeeded({ part, neededFor }: UpgradePhase, context: PhaseContext): boolean {
  const isOnTheWayBack = part === 'check' || part === 'return'
  return (isOnTheWayBack || !context.isReturning) && neededFor(context)
}

/** The phases that a node still needs, in order. */
export function phasesOf(context: PhaseContext): UpgradePhase[] {
  return PHASES.filter(phase => isNeeded(phase, context))
}

/** A phase as plans and progress show it. */
export function phaseTitle({ label, title }: UpgradePhase, context: PhaseContext): string {
  return title?.(context) ?? label
}

/** The phases of a node as a plan shows them. */
export function plannedTitles(context: PhaseContext): string[] {
  return phasesOf(context)
    .filter(({ isHidden }) => !isHidden)
    .map(phase => phaseTitle(phase, context))
}

/**
 * The phase after which the upgrade of a node itself is done, and can be recorded as such. Nothing can be recorded while
 * the only manager is out.
 * @returns undefined when the node only has to come back
 */
export function completingPhase(context: PhaseContext): PhaseId | undefined {
  if (context.takeOutMode === 'outage') return 'await-back'
  return phasesOf(context).findLast(({ part }) => part === 'change')?.id
}
