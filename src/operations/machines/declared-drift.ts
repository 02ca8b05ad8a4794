import { parseMemory } from '../../domain/memory.ts'
import { quote } from '../../domain/quote.ts'
import { expand, foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import type { DeclaredNodes, Fleet } from '../fleet.ts'

/** How the machines differ from the `nodes` of the config, as sentences; none if the config has no such section. */
export function declaredDrift(
  { declared, driver: { nameKind } }: Pick<Fleet, 'declared' | 'driver'>,
  machines: readonly Machine[],
): string[] {
  if (declared.length === 0) return []
  const entries = new Map(
    declared.flatMap(entry => expand(entry.pattern, nameKind).map(name => [name, entry] as const)),
  )
  const byName = new Map(machines.map(machine => [machine.name, machine]))
  const missing = [...entries.keys()].filter(name => !byName.has(name))
  const others = machines.map(({ name }) => name).filter(name => !entries.has(name))
  return [
    ...(missing.length > 0
      ? [
          `the config has ${foldShort(missing)}, and no machine has ${missing.length === 1 ? 'this name' : 'these names'}: belt create`,
        ]
      : []),
    ...(others.length > 0 ? [`the nodes of the config do not include ${foldShort(others)}`] : []),
    ...[...new Set(entries.values())].flatMap(entry =>
      placeDrift(entry, expand(entry.pattern, nameKind), byName),
    ),
  ]
}

function placeDrift(
  { pattern, size, region }: DeclaredNodes,
  declared: readonly string[],
  byName: ReadonlyMap<string, Machine>,
): string[] {
  const machines = declared.flatMap(name => byName.get(name) ?? [])
  const wanted = size === undefined ? undefined : parseMemory(size)
  const resized = machines.filter(({ memoryMiB }) => hasOtherSize(memoryMiB, wanted))
  const elsewhere = machines.filter(machine => isElsewhere(machine, region))
  const names = (of: readonly Machine[]) => of.map(({ name }) => name)
  return [
    ...(resized.length > 0
      ? [
          `the config wants ${foldShort(names(resized))} of size ${size}: belt resize ${size} ${quote(pattern)}`,
        ]
      : []),
    ...(elsewhere.length > 0 ? [`the config wants ${foldShort(names(elsewhere))} in ${region}`] : []),
  ]
}

/** A vendor's next larger size is what was wanted. */
function hasOtherSize(memoryMiB: number | undefined, wantedMiB: number | undefined): boolean {
  if (memoryMiB === undefined || wantedMiB === undefined) return false
  return memoryMiB < wantedMiB || memoryMiB >= 2 * wantedMiB
}

/** A machine may name the zone within its region. */
function isElsewhere({ region }: Machine, wanted: string | undefined): boolean {
  return region !== undefined && wanted !== undefined && !region.startsWith(wanted)
}
