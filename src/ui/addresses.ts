import type { MachineAddress } from '../operations/machines/address.ts'
import { table } from './table.ts'

/** Machines and their addresses, one per line. */
export function addressTable(addresses: readonly MachineAddress[]): string {
  return table(
    ['NAME', 'IPv4'],
    addresses.map(({ name, address }) => [name, address]),
  )
}
