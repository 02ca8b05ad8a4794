import { isIPv4, isIPv6 } from 'node:net'
import { namesMatching, readPattern } from '../../domain/ranges/pattern.ts'
import { splitTerms, type Term } from '../../domain/ranges/term.ts'
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
  const { user, port } = entry
  const fromSshConfig = (['user', 'port'] as const).filter(key => entry[key] === undefined)
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
      ssh: { address, port: port ?? 22, user: user ?? 'root', fromSshConfig },
      ...(isIPv4(address) && { publicAddress: address }),
      ...(privateAddress !== undefined && { privateAddress }),
    }
  })
}

/** Addresses use the same brackets as names, but allow other characters. */
function addressesOf(entry: InventoryEntry, key: 'address' | 'private_address', count: number): string[] {
  const written = entry[key]
  if (written === undefined) return []
  const addresses = [written]
    .flat()
    .flatMap(splitTerms)
    .flatMap(term => addressesIn(entry, term))
  if (addresses.length === count) return addresses
  throw usageError(
    'host-addresses',
    `${entry.name}: ${key} has ${addresses.length} addresses for ${count} names, as in node[1:4] and 10.0.0.[1:4]`,
  )
}

/** Brackets hold a range, or an IPv6 address as in a URL. */
function addressesIn(entry: InventoryEntry, term: Term): string[] {
  const [, inBrackets = '', port] = /^\[([^\]]+)\](:\d+)?$/.exec(term.text) ?? []
  if (!isIPv6(inBrackets)) return [...namesMatching([readPattern(term)])]
  if (port === undefined) return [inBrackets]
  throw usageError(
    'host-addresses',
    `${entry.name}: ${term.text} has a port, which stands beside the address: port: ${port.slice(1)}`,
  )
}
