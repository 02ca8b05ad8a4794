import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { rebootCommand } from '../remote/host-facts.ts'
import { awaitAnotherBoot, awaitBoot, type RebootWaitOptions } from '../waits/await-reboot.ts'
import type { Step } from './step.ts'

const REQUEST_TIMEOUT_MS = 30_000

/**
 * Reboots a machine, and waits until it has booted again.
 * @param before the boot id to replace; nothing to do if the machine has another one already
 * @param options `reboot` asks the driver for the reboot (default: the machine reboots itself)
 */
export function rebootHost(
  host: Host,
  before: string,
  options: RebootWaitOptions & { reboot?: (() => Promise<void>) | undefined },
): Step {
  const { reboot, signal } = options
  return {
    title: `Reboot ${host.name}`,

    async changes() {
      // After an interrupted reboot, the machine may be booting now.
      const boot = await awaitBoot(host, options)
      return boot === before ? [`${host.name} is rebooted`] : []
    },

    async run() {
      if (reboot) await reboot()
      else await runChecked(host, rebootCommand, { timeoutMs: REQUEST_TIMEOUT_MS, signal })
      await awaitAnotherBoot(host, before, options)
    },
  }
}
