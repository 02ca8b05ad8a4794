import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { defaultRouteCommand, isIsolated, isolateCommand } from '../remote/addresses.ts'
import type { Step } from './step.ts'

const TIMEOUT_MS = 30_000

/** Lets a host reach only its own network, and whom it is talking to over SSH. Its next start undoes it. */
export function isolateHost(host: Host, signal?: AbortSignal): Step {
  return {
    title: `Cut ${host.name} off from other networks`,

    async changes() {
      const { stdout } = await runChecked(host, defaultRouteCommand, { timeoutMs: TIMEOUT_MS, signal })
      return isIsolated(stdout) ? [] : [`${host.name} reaches its own network only`]
    },

    async run() {
      await runChecked(host, isolateCommand, { timeoutMs: TIMEOUT_MS, signal })
    },
  }
}
