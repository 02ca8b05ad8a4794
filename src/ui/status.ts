import { fold } from '../domain/ranges.ts'
import type { StatusGroup } from '../operations/machines/wait-for-status.ts'
import { table } from './table.ts'

/** Machines by status, their names folded. */
export function statusTable(groups: readonly StatusGroup[]): string {
  return table(
    ['STATUS', '#NODES', 'NAMES'],
    groups.map(({ status, names }) => [status, String(names.length), fold(names)]),
  )
}
