import { expand } from '../domain/ranges.ts'
import { type FleetNames, groupsIn, select } from '../domain/selection.ts'
import type { Machine } from '../drivers/driver.ts'
import { usageError } from '../errors.ts'
import type { Fleet } from './fleet.ts'
import { readRoles } from './swarm/roles.ts'

/**
 * The machines that an expression names (`node[1:4]`, `node*`, `@managers`, `!node3`), in its order.
 * @throws a usage error when a named machine does not exist, listing all that do not
 */
export async function selectMachines(
  fleet: Fleet,
  expression: string | readonly string[],
): Promise<Machine[]> {
  const { machines, missing } = await findMachines(fleet, expression)
  refuseMissing(fleet, missing)
  return machines
}

/** Throws a usage error when names are left that have no machine. */
export function refuseMissing(fleet: Fleet, missing: readonly string[]): void {
  if (missing.length === 0) return
  throw usageError('no-such-machine', `${fleet.cluster} has no machine named ${missing.join(', ')}`, {
    hint: 'belt ls shows the machines there are',
    details: { missing },
  })
}

/** Like `selectMachines`, with the names that do not exist beside the machines that do. */
export async function findMachines(
  fleet: Fleet,
  expression: string | readonly string[],
): Promise<{ machines: Machine[]; missing: string[] }> {
  const all = await fleet.driver.list({ signal: fleet.signal })
  const byName = new Map(all.map(machine => [machine.name, machine]))
  const names: FleetNames = {
    names: [...byName.keys()],
    groups: await resolveGroups(fleet, all, groupsIn(expression)),
  }
  const selected = select(expression, names)
  return { machines: selected.names.flatMap(name => byName.get(name) ?? []), missing: selected.missing }
}

async function resolveGroups(
  fleet: Fleet,
  machines: readonly Machine[],
  used: readonly string[],
): Promise<Map<string, readonly string[]>> {
  const groups = declaredGroups(fleet)
  if (used.includes('failed')) groups.set('failed', (await fleet.lastFailures.get()) ?? [])
  if (used.includes('managers') || used.includes('workers')) {
    const roles = await readRoles(fleet, machines)
    groups.set('managers', roles.managers)
    groups.set('workers', roles.workers)
  }
  return groups
}

function declaredGroups(fleet: Fleet): Map<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>()
  for (const nodes of fleet.declared) {
    for (const group of nodes.groups) {
      groups.set(group, [...(groups.get(group) ?? []), ...expand(nodes.pattern)])
    }
  }
  return groups
}

/** The machines that an expression names, or all machines when there is none. */
export async function listMachines(fleet: Fleet, expression: readonly string[]): Promise<Machine[]> {
  return expression.length > 0
    ? selectMachines(fleet, expression)
    : fleet.driver.list({ signal: fleet.signal })
}

/**
 * The one machine that a name stands for.
 * @throws a usage error when it names several
 */
export async function selectMachine(fleet: Fleet, name: string): Promise<Machine> {
  const [machine, ...more] = await selectMachines(fleet, name)
  if (machine && more.length === 0) return machine
  throw usageError('one-machine', `one machine is wanted here, and ${name} names ${more.length + 1}`, {
    hint: 'give the name of one machine',
  })
}
