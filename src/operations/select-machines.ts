import { expand } from '../domain/ranges.ts'
import { type FleetNames, type NodeFacts, needsOf, select } from '../domain/selection.ts'
import type { Machine } from '../drivers/driver.ts'
import { BeltError, usageError } from '../errors.ts'
import type { Fleet } from './fleet.ts'
import { activeMachine } from './swarm/active-machine.ts'
import { readNodeFacts } from './swarm/node-facts.ts'

/**
 * The machines that an expression names (`node[1:4]`, `node*`, `@managers`, `role=worker`, `!node3`), in its order.
 * @throws a usage error when a named machine does not exist, listing all that do not; when the swarm is asked for and
 *   cannot be read
 */
export async function selectMachines(
  fleet: Fleet,
  expression: string | readonly string[],
): Promise<Machine[]> {
  const { machines, missing } = await findMachines(fleet, expression)
  assertNoneMissing(fleet, missing)
  return machines
}

/** Throws a usage error when names are left that have no machine. */
export function assertNoneMissing(fleet: Fleet, missing: readonly string[]): void {
  if (missing.length === 0) return
  throw usageError('no-such-machine', `${fleet.cluster} has no machine named ${missing.join(', ')}`, {
    hint: 'belt ls shows the machines',
    details: { missing },
  })
}

/** The machines to run something on. */
export interface RunTargets {
  readonly machines: readonly Machine[]
  /** Whether these are the hosts that failed last. A host that succeeds is then removed from that list. */
  readonly again: boolean
}

/**
 * The machines to run something on: as `selectMachines`, but none, with a note, when `@failed` is asked for and no
 * host failed: then a run that is repeated until it succeeds is done.
 * @param expression default: the active host
 */
export async function selectTargets(fleet: Fleet, expression: string | undefined): Promise<RunTargets> {
  if (expression === undefined) {
    const machine = await activeMachine(fleet, await fleet.machines.list(fleet.signal))
    return { machines: [machine], again: false }
  }
  const again = needsOf(expression, []).groups.includes('failed')
  try {
    return { machines: await selectMachines(fleet, expression), again }
  } catch (error) {
    if (!(error instanceof BeltError) || error.code !== 'none-failed') throw error
    fleet.progress.note(`${error.message}: there is nothing to do`)
    return { machines: [], again }
  }
}

/** Like `selectMachines`, with the names that do not exist beside the machines that do. */
export async function findMachines(
  fleet: Fleet,
  expression: string | readonly string[],
): Promise<{ machines: Machine[]; missing: string[] }> {
  const all = await fleet.machines.list(fleet.signal)
  const byName = new Map(all.map(machine => [machine.name, machine]))
  const selected = select(expression, await namesFor(fleet, all, expression))
  return { machines: selected.names.flatMap(name => byName.get(name) ?? []), missing: selected.missing }
}

/** Whether an expression names all machines that there are; never when there are none. */
export async function namesAll(fleet: Fleet, expression: readonly string[]): Promise<boolean> {
  const all = await fleet.machines.list(fleet.signal)
  return all.length > 0 && (await findMachines(fleet, expression)).machines.length === all.length
}

/** Reads what an expression asks for, and no more. */
async function namesFor(
  fleet: Fleet,
  machines: readonly Machine[],
  expression: string | readonly string[],
): Promise<FleetNames> {
  const names = machines.map(machine => machine.name)
  const needs = needsOf(expression, names)
  const nodes: ReadonlyMap<string, NodeFacts> = needs.swarm ? await readNodeFacts(fleet, machines) : new Map()
  const facts = new Map(machines.map(({ name, status }) => [name, { status, node: nodes.get(name) }]))
  const groups = declaredGroups(fleet)
  if (needs.groups.includes('failed')) groups.set('failed', await lastFailures(fleet))
  for (const role of needs.swarm ? ['manager', 'worker'] : []) {
    groups.set(
      `${role}s`,
      names.filter(name => nodes.get(name)?.role === role),
    )
  }
  return { names, groups, facts }
}

async function lastFailures(fleet: Fleet): Promise<readonly string[]> {
  const failures = await fleet.lastFailures.get()
  if (failures) return failures
  throw usageError('no-last-run', `no run on several hosts of ${fleet.cluster} is remembered here`, {
    hint: '@failed names the hosts that failed in the last run of belt exec, belt cp or belt docker on several hosts, or of belt swarm join',
  })
}

function declaredGroups(fleet: Fleet): Map<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>()
  for (const nodes of fleet.declared) {
    for (const group of nodes.groups) {
      groups.set(group, [...(groups.get(group) ?? []), ...expand(nodes.pattern, 'host')])
    }
  }
  return groups
}

/** The machines that an expression names, or all machines when there is none. */
export async function listMachines(fleet: Fleet, expression: readonly string[]): Promise<readonly Machine[]> {
  return expression.length > 0 ? selectMachines(fleet, expression) : fleet.machines.list(fleet.signal)
}

/**
 * The one machine that a name stands for.
 * @throws a usage error when it names several
 */
export async function selectMachine(fleet: Fleet, name: string): Promise<Machine> {
  const [machine, ...more] = await selectMachines(fleet, name)
  if (machine && more.length === 0) return machine
  throw usageError('one-machine', `specify one machine: ${name} names ${more.length + 1}`, {
    hint: 'give the name of one machine',
  })
}
