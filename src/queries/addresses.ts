import { isIP } from 'node:net'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import {
  addressesCommand,
  ownAddressCommand,
  parseAddresses,
  parseOwnAddress,
  probeCommand,
} from '../remote/addresses.ts'
import type { Membership } from '../remote/swarm.ts'

const TIMEOUT_MS = 30_000

/** Reads the IPv4 addresses of a host. @throws when they cannot be read */
export async function readAddresses(host: Host, signal?: AbortSignal): Promise<string[]> {
  const { stdout } = await runChecked(host, addressesCommand, { timeoutMs: TIMEOUT_MS, signal })
  return parseAddresses(stdout)
}

/**
 * Reads whether a host still has the address at which the other nodes are to reach it.
 * @param known other addresses that lead to it, such as one that a router translates
 * @returns the address if it has that no more; undefined if it has, or advertises none
 * @throws when its addresses cannot be read
 */
export async function readLostAddress(
  host: Host,
  { nodeAddress }: Pick<Membership, 'nodeAddress'>,
  known: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (nodeAddress === undefined || isIP(nodeAddress) !== 4 || known.includes(nodeAddress)) return undefined
  return (await readAddresses(host, signal)).includes(nodeAddress) ? undefined : nodeAddress
}

/** Asks a host for the address at which others reach it; undefined if it does not know. @throws when it cannot be asked */
export async function readOwnAddress(host: Host, signal?: AbortSignal): Promise<string | undefined> {
  const { stdout } = await runChecked(host, ownAddressCommand, { timeoutMs: TIMEOUT_MS, signal })
  return parseOwnAddress(stdout)
}

/** Whether a host can open a connection to an address. @throws when that cannot be tried */
export async function answersAt(
  host: Host,
  address: string,
  port: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const { stdout } = await runChecked(host, probeCommand(address, port), { timeoutMs: TIMEOUT_MS, signal })
  return stdout.trim() === 'answers'
}
