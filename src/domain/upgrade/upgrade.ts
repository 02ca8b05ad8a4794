import type { RemovalMode } from './removal-mode.ts'

/** What is done to each node while it is out. */
export type Upgrade =
  | { readonly kind: 'size'; readonly size: string }
  | { readonly kind: 'engine'; readonly version: string }
  | { readonly kind: 'reboot' }
  | { readonly kind: 'command'; readonly line: string }

/** An upgrade in a line, as it is kept and shown: `size 16gb`, `engine 28.5.2`, `reboot`, `command apt-get …`. */
export function upgradeText(upgrade: Upgrade): string {
  switch (upgrade.kind) {
    case 'size':
      return `size ${upgrade.size}`
    case 'engine':
      return `engine ${upgrade.version}`
    case 'reboot':
      return 'reboot'
    case 'command':
      return `command ${upgrade.line}`
  }
}

/** Reads `upgradeText` back; undefined when it is none. */
export function parseUpgrade(text: string): Upgrade | undefined {
  const space = text.indexOf(' ')
  const kind = space === -1 ? text : text.slice(0, space)
  const value = space === -1 ? '' : text.slice(space + 1)
  if (kind === 'reboot') return { kind }
  if (value === '') return undefined
  if (kind === 'size') return { kind, size: value }
  if (kind === 'engine') return { kind, version: value }
  return kind === 'command' ? { kind, line: value } : undefined
}

/** One step of a node's upgrade. */
export type Phase =
  | 'drain'
  | 'download'
  | 'demote'
  | 'shut down'
  | 'resize'
  | 'start'
  | 'install'
  | 'reboot'
  | 'run'
  | 'wait until it is back'
  | 'promote'
  | 'restore'

const DOING: Readonly<Record<Upgrade['kind'], readonly Phase[]>> = {
  size: ['shut down', 'resize'],
  engine: ['install'],
  reboot: ['reboot'],
  command: ['run'],
}

/** A node that is to be upgraded, or is being upgraded, as far as its steps depend on it. */
export interface Outgoing {
  readonly upgrade: Upgrade
  /** What it was before. */
  readonly role: 'manager' | 'worker'
  readonly availability: 'active' | 'pause' | 'drain'
  /** Whether what the upgrade is about has been done: only the way back is left. */
  readonly isDone: boolean
  /** Undefined for a worker, and for a manager that has been demoted already. */
  readonly removalMode: RemovalMode | undefined
}

/**
 * The steps that are left for a node, in order. It is drained before it is demoted and active only after it is promoted:
 * as a worker for a while it would be given the tasks that are meant for workers. What may take minutes without harm to
 * its engine comes before it goes.
 */
export function phasesOf({ upgrade, role, availability, isDone, removalMode }: Outgoing): Phase[] {
  const isDemoted = role === 'manager' && (removalMode === 'demote' || removalMode === undefined)
  const out: Phase[] = [
    ...(availability === 'drain' ? [] : ['drain' as const]),
    ...(upgrade.kind === 'engine' ? ['download' as const] : []),
    ...(removalMode === 'demote' ? ['demote' as const] : []),
    ...DOING[upgrade.kind],
  ]
  return [
    ...(isDone ? [] : out),
    ...(upgrade.kind === 'size' ? ['start' as const] : []),
    'wait until it is back',
    ...(isDemoted ? ['promote' as const] : []),
    ...(availability === 'drain' ? [] : ['restore' as const]),
  ]
}

/** What a step does, as the operator reads it. */
export function phaseInWords(phase: Phase, { upgrade, availability }: Outgoing): string {
  if (phase === 'resize' && upgrade.kind === 'size') return `resize to ${upgrade.size}`
  if (phase === 'download' && upgrade.kind === 'engine') return `download engine ${upgrade.version}`
  if (phase === 'install' && upgrade.kind === 'engine') return `install engine ${upgrade.version}`
  if (phase === 'run' && upgrade.kind === 'command') return `run: ${upgrade.line}`
  return phase === 'restore' ? `set to ${availability} again` : phase
}
