import type { Machine, MachineStatus } from '../../drivers/driver.ts'
import { BeltError, reasonOf, usageError } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'

const STATUSES: readonly MachineStatus[] = ['new', 'active', 'off', 'failed', 'unknown']
const LIST_PAUSE_MS = 1000

export interface StatusGroup {
  readonly status: MachineStatus
  readonly names: string[]
}

/** Machines by status, in the order of a machine's life, without empty groups. */
export function groupByStatus(machines: readonly Machine[]): StatusGroup[] {
  return STATUSES.map(status => ({
    status,
    names: machines.filter(machine => machine.status === status).map(machine => machine.name),
  })).filter(group => group.names.length > 0)
}

/** What `--wait` asks for: so many machines (or at least so many) in a status. */
export interface StatusCondition {
  readonly status: MachineStatus
  readonly count: number
  readonly atLeast: boolean
}

/**
 * Reads `active=13`, `active>=13`, or several with commas.
 * @throws a usage error that lists the statuses
 */
export function parseConditions(text: string): StatusCondition[] {
  return text.split(',').map(part => {
    const match = /^\s*([a-z]+)\s*(>?=)\s*(\d+)\s*$/.exec(part)
    const status = STATUSES.find(known => known === match?.[1])
    if (!match || !status) {
      throw usageError('bad-condition', `"${part}" is not a condition to wait for`, {
        hint: `write STATUS=COUNT or STATUS>=COUNT; the statuses are ${STATUSES.join(', ')}`,
      })
    }
    return { status, count: Number(match[3]), atLeast: match[2] === '>=' }
  })
}

/** Whether machines meet all conditions. */
export function meets(machines: readonly Machine[], conditions: readonly StatusCondition[]): boolean {
  return conditions.every(({ status, count, atLeast }) => {
    const actual = machines.filter(machine => machine.status === status).length
    return atLeast ? actual >= count : actual === count
  })
}

/**
 * Polls the machines until the conditions are met; tells of each change on the way.
 * @param onChange is called at the first read and whenever a status or the set of machines differs from before
 * @throws when `timeoutMs` passes: what the machines are then, and the last failure to read them, if any
 */
export async function waitForStatus(
  fleet: Fleet,
  conditions: readonly StatusCondition[],
  timeoutMs: number,
  onChange: (groups: StatusGroup[]) => void,
): Promise<StatusGroup[]> {
  const start = fleet.clock.now()
  const pauseMs = fleet.driver.listPauseMs ?? LIST_PAUSE_MS
  let groups: StatusGroup[] = []
  let lastShown: string | undefined
  let unreadable: unknown
  for (;;) {
    fleet.signal.throwIfAborted()
    try {
      const machines = await fleet.driver.list({ signal: fleet.signal })
      unreadable = undefined
      groups = groupByStatus(machines)
      if (JSON.stringify(groups) !== lastShown) onChange(groups)
      lastShown = JSON.stringify(groups)
      if (meets(machines, conditions)) return groups
    } catch (error) {
      fleet.signal.throwIfAborted()
      unreadable = error
    }
    if (fleet.clock.now() - start + pauseMs > timeoutMs)
      throw notMet(conditions, timeoutMs, groups, unreadable)
    await fleet.clock.sleep(pauseMs, fleet.signal)
  }
}

function notMet(
  conditions: readonly StatusCondition[],
  timeoutMs: number,
  groups: readonly StatusGroup[],
  unreadable: unknown,
): BeltError {
  const wanted = conditions.map(({ status, count, atLeast }) => `${status}${atLeast ? '>=' : '='}${count}`)
  const seen = groups.map(({ status, names }) => `${status}=${names.length}`).join(', ') || 'no machine'
  const last =
    unreadable === undefined ? `there is: ${seen}` : `the last read failed: ${reasonOf(unreadable)}`
  return new BeltError('wait-timeout', `not ${wanted.join(', ')} within ${timeoutMs / 1000} s; ${last}`, {
    hint: 'belt ls shows each machine; --timeout 30m waits longer',
    cause: unreadable,
  })
}
