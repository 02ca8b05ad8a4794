import { fold, foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { amended, BeltError, ExitCode, exitCodeAfterChange, reasonOf } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { readMembership } from '../../queries/membership.ts'
import { readNode } from '../../queries/nodes.ts'
import { engineLogCommand } from '../../remote/engine-service.ts'
import type { Fleet } from '../fleet.ts'
import { type Charge, managerBeside } from './charges.ts'

const LOOK_TIMEOUT_MS = 15_000
const LOG_LINES = 10
/** Of a larger wave the states would hide the cause. */
const SHOWN_NODES = 20

/** The steps at which a node is that does not come back. */
const COMING = ['start', 'wait until it is back']

/** How an interrupted upgrade goes on, or back. */
export const GO_ON =
  'belt upgrade --resume goes on where it stopped; belt upgrade --abort puts everything back as it was'

/** How one that is being given up goes on with that. */
export const GO_BACK = 'belt upgrade --abort goes on with giving it up'

/**
 * The failure of an upgrade at a step: which node or wave, what state each node is in, the last lines of its engine's log
 * where it is one, and how to go on. What cannot be read is told as such.
 */
export async function stoppedAt(
  fleet: Fleet,
  charges: readonly Charge[],
  managers: readonly Machine[],
  step: string,
  cause: unknown,
): Promise<BeltError> {
  const known = cause instanceof BeltError ? cause : undefined
  const name = foldShort(charges.map(charge => charge.name))
  const states = fleet.signal.aborted ? [] : await statesOf(fleet, charges, managers)
  const message = [
    `${name}: the upgrade stopped at "${step}": ${withoutName(name, reasonOf(cause))}`,
    ...states.flat(),
  ]
  return new BeltError(known?.code ?? 'upgrade-stopped', message.join('\n'), {
    host: name,
    hint: [known?.hint, lostHint(name, step), goOnWith(charges)].filter(Boolean).join('\n'),
    exitCode: known ? exitCodeAfterChange(known) : ExitCode.failed,
    cause,
    details: { ...known?.details, step },
  })
}

function goOnWith(charges: readonly Charge[]): string {
  return charges.some(({ record }) => record.isGivenUp) ? GO_BACK : GO_ON
}

function lostHint(name: string, step: string): string | undefined {
  if (!COMING.includes(step)) return undefined
  return `if it is lost for good: belt swarm remove --unreachable ${name} ends its part of the upgrade`
}

/** What ended an upgrade between two nodes, with how to go on. @param upgraded the names of those that are done */
export function stoppedBetween(upgraded: readonly string[], cause: unknown): unknown {
  if (!(cause instanceof BeltError) || cause.hint?.includes(GO_ON)) return cause
  const place = upgraded.length > 0 ? ` after ${fold(upgraded)}` : ''
  return amended(cause, `the upgrade stopped${place}: ${cause.message}`, {
    hint: [cause.hint, GO_ON].filter(Boolean).join('\n'),
    exitCode: exitCodeAfterChange(cause),
  })
}

function withoutName(name: string, reason: string): string {
  return reason.startsWith(`${name}: `) ? reason.slice(name.length + 2) : reason
}

async function statesOf(
  fleet: Fleet,
  charges: readonly Charge[],
  managers: readonly Machine[],
): Promise<string[][]> {
  if (charges.length > SHOWN_NODES) return []
  const machines = await fleet.driver.list().catch(() => [])
  return Promise.all(
    charges.map(async charge => {
      const machine = machines.find(({ name }) => name === charge.name)
      const state = await stateOf(fleet, charge, machine, managers)
      return charges.length === 1
        ? [...state, ...(await logOf(fleet, machine))]
        : state.map(line => `${charge.name}: ${line}`)
    }),
  )
}

/** The host of a machine that may answer. */
function hostOf(fleet: Fleet, machine: Machine | undefined): Host | undefined {
  return machine && machine.status !== 'off' ? fleet.host(machine) : undefined
}

async function stateOf(
  fleet: Fleet,
  { name, node, record }: Charge,
  machine: Machine | undefined,
  managers: readonly Machine[],
): Promise<string[]> {
  const [membership, seen] = await Promise.all([
    told(async () => {
      const host = hostOf(fleet, machine)
      return host && (await readMembership(host)).state
    }),
    told(async () => {
      const looking = { ...fleet, signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) }
      const manager = await managerBeside(looking, managers, name)
      const { state, role, availability } = await readNode(manager.host, node)
      return `${state}, ${role}, ${availability}`
    }),
  ])
  return [
    `it was: ${record.role}, ${record.availability}`,
    `it is: machine ${machine?.status ?? 'unknown'}; to itself ${membership}; to the managers ${seen}`,
  ]
}

async function logOf(fleet: Fleet, machine: Machine | undefined): Promise<string[]> {
  const log = await told(async () => {
    const host = hostOf(fleet, machine)
    return (
      host && (await runChecked(host, engineLogCommand(LOG_LINES), { timeoutMs: LOOK_TIMEOUT_MS })).stdout
    )
  })
  const lines = log.trim() === '' ? [] : log.trim().split('\n')
  return lines.length === 0 ? [] : [`the last lines of its engine's log:`, ...lines.map(line => `  ${line}`)]
}

async function told(read: () => Promise<string | undefined>): Promise<string> {
  try {
    return (await read()) ?? 'unknown'
  } catch (error) {
    return `unknown (${reasonOf(error).split('\n')[0]})`
  }
}
