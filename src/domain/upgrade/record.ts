import type { Degradation } from '../swarm/baseline.ts'
import type { PhaseContext } from './phases.ts'
import type { KnownTakeOutMode } from './take-out-mode.ts'
import { parseUpgrade, type Upgrade, upgradeText } from './upgrade.ts'

/** How to finish an upgrade that stopped. */
export const RESUME_OR_ABORT =
  'belt upgrade --resume continues where it stopped; belt upgrade --abort restores the nodes that are out'

/** How to finish an upgrade that is being aborted. */
const ABORT_AGAIN = 'belt upgrade --abort continues the abort'

/** The prefix of the labels that store a record. */
const PREFIX = 'belt.upgrade.'
/** More entries would make the labels larger than the rest of the node. */
const MAX_DEGRADED = 200

/** What the user allows an upgrade to do. */
export interface UpgradeOptions {
  /** As the user wrote it, such as `10%`; absent for managers, which are upgraded one at a time. */
  readonly maxUnavailable?: string | undefined
  /** Whether a swarm of one or two managers may go without a leader for a while. */
  readonly allowOutage: boolean
  /** Whether services that cannot run elsewhere may be down meanwhile. */
  readonly allowDowntime: boolean
}

/**
 * What the swarm stores about the upgrade of a node, from before the first node is taken out until the last is restored.
 * Whoever finds the upgrade interrupted can resume it, from any working copy.
 */
export interface UpgradeRecord {
  /** The name of the machine. */
  readonly machine: string
  readonly upgrade: Upgrade
  readonly options: UpgradeOptions
  readonly by: string
  /** ISO 8601. */
  readonly since: string
  /** All machines of the run, folded: an interrupted run may not have recorded all of them. */
  readonly all: string
  /** What was degraded when the upgrade began; a long list is cut off. */
  readonly degraded: Degradation
  /**
   * - `waiting` not started; `out` taken out, or about to be
   * - `done` upgraded, and not back yet; `finished` back as it was
   */
  readonly state: 'waiting' | 'out' | 'done' | 'finished'
  readonly role: 'manager' | 'worker'
  readonly availability: 'active' | 'pause' | 'drain'
  /** Whether the upgrade is being aborted. It cannot be resumed then, because some records may be removed already. */
  readonly isAborting?: boolean | undefined
  /** The boot id of the machine when it was taken out; absent while it waits. */
  readonly boot?: string | undefined
}

/** What is left to do: resume or abort, or only to continue an abort. */
export function howToFinish(records: readonly Pick<UpgradeRecord, 'isAborting'>[]): string {
  return records.some(({ isAborting }) => isAborting) ? ABORT_AGAIN : RESUME_OR_ABORT
}

/** What decides which phases a node still needs. */
export function phaseContextOf(
  { upgrade, role, availability, state, isAborting }: UpgradeRecord,
  takeOutMode: KnownTakeOutMode = 'unchecked',
): PhaseContext {
  return { upgrade, role, availability, takeOutMode, isReturning: state === 'done' || isAborting === true }
}

/**
 * Formats a record as labels of a node.
 * @throws Error when the labels could not be read back: the node could then be neither upgraded nor restored
 */
export function labelsOf(record: UpgradeRecord): Map<string, string> {
  const { machine, upgrade, options, by, since, all, degraded, state, role, availability, isAborting, boot } =
    record
  const values = {
    machine,
    to: upgradeText(upgrade),
    by,
    since,
    all,
    // Stored in clusters as `ailing` and `given-up`, which code calls degraded and aborting.
    ailing: degradedText(degraded),
    state,
    role,
    availability,
    'max-unavailable': options.maxUnavailable,
    'allow-outage': options.allowOutage ? 'yes' : undefined,
    'allow-downtime': options.allowDowntime ? 'yes' : undefined,
    'given-up': isAborting ? 'yes' : undefined,
    boot,
  }
  const entries = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const labels = new Map(entries.map(([key, value]) => [`${PREFIX}${key}`, value]))
  recordOf(Object.fromEntries(labels))
  return labels
}

/** The keys of the labels that store a record. */
export function recordKeys(labels: Readonly<Record<string, string>>): string[] {
  return Object.keys(labels).filter(key => key.startsWith(PREFIX))
}

/**
 * Reads a record from the labels of a node.
 * @returns undefined when the node has none
 * @throws Error when the labels are not valid
 */
export function recordOf(labels: Readonly<Record<string, string>>): UpgradeRecord | undefined {
  if (recordKeys(labels).length === 0) return undefined
  const label = (key: string) => labels[`${PREFIX}${key}`]
  const oneOf = <T extends string>(key: string, values: readonly T[]): T => {
    const found = values.find(value => value === label(key))
    if (found === undefined) throw new Error(`its label ${PREFIX}${key} is ${label(key) ?? 'missing'}`)
    return found
  }
  const upgrade = parseUpgrade(label('to') ?? '')
  if (!upgrade) throw new Error(`its label ${PREFIX}to is ${label('to') ?? 'missing'}`)
  return {
    machine: label('machine') ?? '',
    upgrade,
    options: {
      maxUnavailable: label('max-unavailable'),
      allowOutage: label('allow-outage') === 'yes',
      allowDowntime: label('allow-downtime') === 'yes',
    },
    by: label('by') ?? '',
    since: label('since') ?? '',
    all: label('all') ?? '',
    degraded: parseDegraded(label('ailing') ?? ''),
    state: oneOf('state', ['waiting', 'out', 'done', 'finished']),
    role: oneOf('role', ['manager', 'worker']),
    availability: oneOf('availability', ['active', 'pause', 'drain']),
    ...(label('given-up') === 'yes' && { isAborting: true }),
    boot: label('boot'),
  }
}

/** The ids of degraded nodes, and of services with the number of missing tasks: `q8w… zb3…:2`; undefined for none. */
function degradedText({ nodes, services }: Degradation): string | undefined {
  const words = [...nodes, ...Object.entries(services).map(([id, lack]) => `${id}:${lack}`)]
  return words.slice(0, MAX_DEGRADED).join(' ') || undefined
}

function parseDegraded(text: string): Degradation {
  const words = text.split(' ').filter(word => word !== '')
  const services = words.flatMap(word => {
    const [, id, lack] = /^(.+):(\d+)$/.exec(word) ?? []
    return id === undefined ? [] : [[id, Number(lack)] as const]
  })
  return { nodes: words.filter(word => !word.includes(':')), services: Object.fromEntries(services) }
}
