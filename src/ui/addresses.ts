import type { MachineAddress } from '../operations/machines/address.ts'
import { type ListView, list } from './list.ts'

/** Machines and their addresses, one per line. */
export function addressTable(addresses: readonly MachineAddress[], view: ListView): string {
  return list(
    ['NAME', 'ADDRESS'],
    addresses.map(({ name, address }) => [name, address]),
    view,
  )
}
