import { naturalOrder } from '../domain/natural-order.ts'
import { fold } from '../domain/ranges.ts'
import type { HostTuning } from '../operations/machines/tune.ts'
import { table } from './table.ts'

const STATES = {
  'as-wanted': 'ok',
  set: 'set',
  drift: 'differs',
  refused: 'refused',
  unsupported: 'unsupported',
}

/** Kernel settings as a table; empty if Belt has written none on any of the hosts. */
export function kernelText(hosts: readonly HostTuning[]): string {
  return hosts.every(isUntouched) ? '' : kernelTable(hosts)
}

/** Names the hosts where no settings were written; undefined if there are none. */
export function untouchedNote(hosts: readonly HostTuning[]): string | undefined {
  const names = hosts.filter(isUntouched).map(({ name }) => name)
  return names.length > 0 ? `${fold(names)}: no settings were written there` : undefined
}

function isUntouched({ keys, error }: HostTuning): boolean {
  return keys.length === 0 && error === undefined
}

/** Kernel settings. Hosts with the same result share a row. */
function kernelTable(hosts: readonly HostTuning[]): string {
  const rows = new Map<string, { cells: string[]; names: string[] }>()
  for (const { name, keys } of hosts) {
    for (const cells of keys.map(cellsOf)) {
      const row = rows.get(cells.join('\0')) ?? { cells, names: [] }
      rows.set(cells.join('\0'), row)
      row.names.push(name)
    }
  }
  return table(
    ['NODES', 'KEY', 'LIVE', 'FILE', 'WANTED', 'STATE'],
    [...rows.values()]
      .map(({ cells, names }) => [fold(names), ...cells])
      .sort(([, a = ''], [, b = '']) => naturalOrder(a, b)),
  )
}

function cellsOf({ key, live = '', file = '', wanted, state, reason }: HostTuning['keys'][number]): string[] {
  return [key, live, file, wanted, reason === undefined ? STATES[state] : `${STATES[state]}: ${reason}`]
}
