import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { defaultRouteCommand, isIsolated, isolateCommand } from '../remote/addresses.ts'
import type { Step } from './step.ts'

const TIMEOUT_MS = 30_000

/** Isolates a host from all networks but its own; open SSH connections stay. The next reboot undoes this. */
export function isolateHost(host: Host, signal?: AbortSignal): Step {
  return {
    title: `Isolate ${host.name} from other networks`,

    async changes() {
      const { stdout } = await runChecked(host, defaultRouteCommand, { timeoutMs: TIMEOUT_MS, signal })
      return isIsolated(stdout) ? [] : [`${host.name} reaches only its own network`]
    },

    async run() {
      await runChecked(host, isolateCommand, { timeoutMs: TIMEOUT_MS, signal })
    },
  }
}
