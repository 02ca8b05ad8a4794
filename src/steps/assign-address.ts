import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readAddresses } from '../queries/addresses.ts'
import { addAddressCommand } from '../remote/addresses.ts'
import type { Step } from './step.ts'

const TIMEOUT_MS = 30_000

/** Adds an address to a host, beside its own. The address is gone after the next reboot. */
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
