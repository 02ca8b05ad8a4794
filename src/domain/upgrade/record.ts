import type { Degradation } from '../health-baseline.ts'
import { parseUpgrade, type Upgrade, upgradeText } from './upgrade.ts'

/** Under which labels a node tells of its upgrade. */
const PREFIX = 'belt.upgrade.'
/** Of more that ails the labels of each node would take more room than the node. */
const MOST_DEGRADED = 200

/** How an upgrade is to be done. */
export interface UpgradeOptions {
  /** As the user wrote it, such as `10%`; absent for managers, which go one at a time. */
  readonly maxUnavailable?: string | undefined
  /** Whether a swarm of one or two managers may be without decisions for a while. */
  readonly allowOutage: boolean
  /** Whether services that find no other place may be down meanwhile. */
  readonly allowDowntime: boolean
}

/**
 * What the swarm itself keeps about a node's upgrade, from before the first node is touched until the last is as
 * before: who finds it interrupted can go on, from whatever machine.
 */
export interface UpgradeRecord {
  /** The name of the node's machine. */
  readonly machine: string
  readonly upgrade: Upgrade
  readonly options: UpgradeOptions
  readonly by: string
  /** ISO 8601. */
  readonly since: string
  /** All machines of the run, folded: of some no record may have been made when it was interrupted. */
  readonly all: string
  /** What was not well when it was begun; of very much, only a part. */
  readonly degraded: Degradation
  /**
   * - `waiting` untouched; `out` taken out, or about to be;
   * - `done` what it is about is done, and it is to come back; `finished` it has come back.
   */
  readonly state: 'waiting' | 'out' | 'done' | 'finished'
  readonly role: 'manager' | 'worker'
  readonly availability: 'active' | 'pause' | 'drain'
  /** Whether the upgrade is being given up: it is not gone on with then, as some records may be gone already. */
  readonly isGivenUp?: boolean | undefined
  /** Which start of the machine it was when it was taken out; absent while it waits. */
  readonly boot?: string | undefined
}

/**
 * A record as labels of the node.
 * @throws Error when it could not be read back: the node could neither be upgraded nor be put back then
 */
export function labelsOf(record: UpgradeRecord): Map<string, string> {
  const { machine, upgrade, options, by, since, all, degraded, state, role, availability, isGivenUp, boot } =
    record
  const values = {
    machine,
    to: upgradeText(upgrade),
    by,
    since,
    all,
    ailing: degradedText(degraded),
    state,
    role,
    availability,
    'max-unavailable': options.maxUnavailable,
    'allow-outage': options.allowOutage ? 'yes' : undefined,
    'allow-downtime': options.allowDowntime ? 'yes' : undefined,
    'given-up': isGivenUp ? 'yes' : undefined,
    boot,
  }
  const entries = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const labels = new Map(entries.map(([key, value]) => [`${PREFIX}${key}`, value]))
  recordOf(Object.fromEntries(labels))
  return labels
}

/** The keys of a node's labels that tell of its upgrade. */
export function recordKeys(labels: Readonly<Record<string, string>>): string[] {
  return Object.keys(labels).filter(key => key.startsWith(PREFIX))
}

/**
 * Reads a record back.
 * @returns undefined where there is none
 * @throws Error when somebody has changed its labels so that it makes no sense
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
    ...(label('given-up') === 'yes' && { isGivenUp: true }),
    boot: label('boot'),
  }
}

/** Ids of nodes, and of services with what they lack: `q8w… zb3…:2`; undefined where all was well. */
function degradedText({ nodes, services }: Degradation): string | undefined {
  const words = [...nodes, ...Object.entries(services).map(([id, lack]) => `${id}:${lack}`)]
  return words.slice(0, MOST_DEGRADED).join(' ') || undefined
}

function parseDegraded(text: string): Degradation {
  const words = text.split(' ').filter(word => word !== '')
  const services = words.flatMap(word => {
    const [, id, lack] = /^(.+):(\d+)$/.exec(word) ?? []
    return id === undefined ? [] : [[id, Number(lack)] as const]
  })
  return { nodes: words.filter(word => !word.includes(':')), services: Object.fromEntries(services) }
}
