import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { addAddressCommand, addressesCommand, parseAddresses, probeCommand } from '../remote/addresses.ts'
import type { Step } from './step.ts'

const TIMEOUT_MS = 30_000

/** Gives a host one more address, as a second one beside its own; it is gone after the next start. */
export function assignAddress(host: Host, address: string, signal?: AbortSignal): Step {
  return {
    title: `Give ${host.name} the address ${address}`,

    async changes() {
      return (await readAddresses(host, signal)).includes(address)
        ? []
        : [`${host.name} gets the address ${address}`]
    },

    async run() {
      await runChecked(host, addAddressCommand(address), { timeoutMs: TIMEOUT_MS, signal })
    },
  }
}

/** The IPv4 addresses that a host owns. @throws when they cannot be read */
export async function readAddresses(host: Host, signal?: AbortSignal): Promise<string[]> {
  const { stdout } = await runChecked(host, addressesCommand, { timeoutMs: TIMEOUT_MS, signal })
  return parseAddresses(stdout)
}

/** Whether somebody accepts connections at an address, as a host sees it. @throws when that cannot be tried */
export async function answersAt(
  host: Host,
  address: string,
  port: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const { stdout } = await runChecked(host, probeCommand(address, port), { timeoutMs: TIMEOUT_MS, signal })
  return stdout.trim() === 'answers'
}
