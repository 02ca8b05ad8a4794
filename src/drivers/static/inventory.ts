import { isIPv4 } from 'node:net'
import { namesMatching, readPattern } from '../../domain/ranges/pattern.ts'
import { splitTerms } from '../../domain/ranges/term.ts'
import { expand } from '../../domain/ranges.ts'
import { reasonOf, usageError } from '../../errors.ts'
import type { Machine } from '../driver.ts'
import type { InventoryEntry } from './options.ts'

/** Converts the hosts in a valid config to machines, in their order. */
export function machinesFromHosts(entries: readonly InventoryEntry[]): Machine[] {
  return entries.flatMap(machinesOf)
}

/** What is wrong with a list of hosts, by the index of the entry. */
export function inventoryFaults(entries: readonly InventoryEntry[]): { index: number; message: string }[] {
  const seen = new Set<string>()
  return entries.flatMap((entry, index) => {
    try {
      const twins = machinesOf(entry).filter(({ name }) => seen.has(name) || !seen.add(name))
      return twins.map(({ name }) => ({ index, message: `${name} is listed twice` }))
    } catch (error) {
      return [{ index, message: reasonOf(error).split('\n')[0] ?? '' }]
    }
  })
}

function machinesOf(entry: InventoryEntry): Machine[] {
  const names = expand(entry.name, 'host')
  const addresses = addressesOf(entry, 'address', names.length)
  const privateAddresses = addressesOf(entry, 'private_address', names.length)
  return names.map((name, i) => {
    const address = addresses[i] ?? ''
    const privateAddress = privateAddresses[i]
    return {
      id: name,
      name,
      status: 'active',
      ssh: { address, port: entry.port, user: entry.user },
      ...(isIPv4(address) && { publicAddress: address }),
      ...(privateAddress !== undefined && { privateAddress }),
    }
  })
}

/** Addresses use the same brackets as names, but allow other characters. */
function addressesOf(entry: InventoryEntry, key: 'address' | 'private_address', count: number): string[] {
  const written = entry[key]
  if (written === undefined) return []
  const addresses = [written].flat().flatMap(text => [...namesMatching(splitTerms(text).map(readPattern))])
  if (addresses.length === count) return addresses
  throw usageError(
    'host-addresses',
    `${entry.name}: ${key} has ${addresses.length} addresses for ${count} names, as in node[1:4] and 10.0.0.[1:4]`,
  )
}
