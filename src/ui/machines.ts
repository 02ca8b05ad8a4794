import { formatMemory } from '../domain/memory.ts'
import type { Machine } from '../drivers/driver.ts'
import { type ListView, list } from './list.ts'
import { statusPainter } from './status.ts'
import { stdio } from './stdio.ts'

/** Machines as `belt ls` and `belt create` show them. */
export function machineTable(machines: readonly Machine[], view: ListView = {}): string {
  return list(
    ['NAME', 'ADDRESS', 'MEMORY', 'REGION', 'IMAGE', 'STATUS'],
    machines.map(machine => [
      machine.name,
      machine.publicAddress ?? machine.privateAddress ?? machine.ssh?.address ?? '',
      machine.memoryMiB === undefined ? '' : formatMemory(machine.memoryMiB),
      machine.region ?? '',
      machine.image ?? '',
      machine.reason ? `${machine.status} (${machine.reason})` : machine.status,
    ]),
    view,
    statusPainter(stdio.stdout),
  )
}
