import { fold, foldShort } from '../../domain/ranges.ts'
import { type PhaseId, phaseOf } from '../../domain/upgrade/phases.ts'
import { howToFinish, RESUME_OR_ABORT } from '../../domain/upgrade/record.ts'
import type { Machine } from '../../drivers/driver.ts'
import { amended, BeltError, ExitCode, exitCodeAfterChange, reasonOf } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { readMembership } from '../../queries/membership.ts'
import { readNode } from '../../queries/nodes.ts'
import { engineLogCommand } from '../../remote/engine-service.ts'
import type { Fleet } from '../fleet.ts'
import { managerBeside, type UpgradeTarget } from './records.ts'

const READ_TIMEOUT_MS = 15_000
const LOG_LINES = 10
/** The states of a larger wave would bury the cause. */
const MAX_SHOWN_NODES = 20

/** The failure of a phase, with the state of each node and how to finish the upgrade. */
class PhaseError extends BeltError {}

/**
 * Describes the failure of a phase: the nodes, the cause, what each node was and is, and how to finish the upgrade. The
 * failure of a single node also shows the last lines of its engine's log. A state that cannot be read is shown as unknown.
 */
export async function failureInPhase(
  fleet: Fleet,
  targets: readonly UpgradeTarget[],
  managers: readonly Machine[],
  id: PhaseId,
  cause: unknown,
): Promise<BeltError> {
  const known = cause instanceof BeltError ? cause : undefined
  const { label, mayLoseNode } = phaseOf(id)
  const name = foldShort(targets.map(target => target.name))
  const states = fleet.signal.aborted ? [] : await statesOf(fleet, targets, managers)
  const message = [
    `${name}: the upgrade stopped at "${label}": ${withoutName(name, reasonOf(cause))}`,
    ...states.flat(),
  ]
  const hints = [known?.hint, mayLoseNode && lostHint(name), howToFinish(targets.map(({ record }) => record))]
  return new PhaseError(known?.code ?? 'upgrade-stopped', message.join('\n'), {
    host: name,
    hint: hints.filter(Boolean).join('\n'),
    exitCode: known ? exitCodeAfterChange(known) : ExitCode.failed,
    cause,
    details: { ...known?.details, step: id },
  })
}

function lostHint(name: string): string {
  return `if it is lost for good: belt swarm remove --unreachable ${name} ends its part of the upgrade`
}

/** Adds how to finish the upgrade to whatever stopped it between two nodes. @param upgraded the nodes that are finished */
export function failureBetweenNodes(upgraded: readonly string[], cause: unknown): unknown {
  if (!(cause instanceof BeltError) || cause instanceof PhaseError) return cause
  const place = upgraded.length > 0 ? ` after ${fold(upgraded)}` : ''
  return amended(cause, `the upgrade stopped${place}: ${cause.message}`, {
    hint: [cause.hint, RESUME_OR_ABORT].filter(Boolean).join('\n'),
    exitCode: exitCodeAfterChange(cause),
  })
}

function withoutName(name: string, reason: string): string {
  return reason.startsWith(`${name}: `) ? reason.slice(name.length + 2) : reason
}

async function statesOf(
  fleet: Fleet,
  targets: readonly UpgradeTarget[],
  managers: readonly Machine[],
): Promise<string[][]> {
  if (targets.length > MAX_SHOWN_NODES) return []
  // Listed anew: the failure may have changed the state of the machines.
  const machines = await fleet.driver.list().catch(() => [])
  return Promise.all(
    targets.map(async target => {
      const machine = machines.find(({ name }) => name === target.name)
      const state = await stateOf(fleet, target, machine, managers)
      return targets.length === 1
        ? [...state, ...(await logOf(fleet, machine))]
        : state.map(line => `${target.name}: ${line}`)
    }),
  )
}

/** The host of a machine, unless the machine is off. */
function hostOf(fleet: Fleet, machine: Machine | undefined): Host | undefined {
  return machine && machine.status !== 'off' ? fleet.host(machine) : undefined
}

async function stateOf(
  fleet: Fleet,
  { name, node, record }: UpgradeTarget,
  machine: Machine | undefined,
  managers: readonly Machine[],
): Promise<string[]> {
  const [membership, seen] = await Promise.all([
    orUnknown(async () => {
      const host = hostOf(fleet, machine)
      return host && (await readMembership(host)).state
    }),
    orUnknown(async () => {
      const limited = { ...fleet, signal: AbortSignal.timeout(READ_TIMEOUT_MS) }
      const manager = await managerBeside(limited, managers, name)
      const { state, role, availability } = await readNode(manager.host, node)
      return `${state}, ${role}, ${availability}`
    }),
  ])
  return [
    `it was: ${record.role}, ${record.availability}`,
    `it is: machine ${machine?.status ?? 'unknown'}; its engine says ${membership}; the managers say ${seen}`,
  ]
}

async function logOf(fleet: Fleet, machine: Machine | undefined): Promise<string[]> {
  const log = await orUnknown(async () => {
    const host = hostOf(fleet, machine)
    return (
      host && (await runChecked(host, engineLogCommand(LOG_LINES), { timeoutMs: READ_TIMEOUT_MS })).stdout
    )
  })
  const lines = log.trim() === '' ? [] : log.trim().split('\n')
  return lines.length === 0 ? [] : [`the last lines of its engine's log:`, ...lines.map(line => `  ${line}`)]
}

async function orUnknown(read: () => Promise<string | undefined>): Promise<string> {
  try {
    return (await read()) ?? 'unknown'
  } catch (error) {
    return `unknown (${reasonOf(error).split('\n')[0]})`
  }
}
