import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import {
  addressesCommand,
  ownAddressCommand,
  parseAddresses,
  parseOwnAddress,
  probeCommand,
} from '../remote/addresses.ts'

const TIMEOUT_MS = 30_000

/** Reads the IPv4 addresses of a host. @throws when they cannot be read */
export async function readAddresses(host: Host, signal?: AbortSignal): Promise<string[]> {
  const { stdout } = await runChecked(host, addressesCommand, { timeoutMs: TIMEOUT_MS, signal })
  return parseAddresses(stdout)
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
