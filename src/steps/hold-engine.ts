import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readInstalledEngine } from '../queries/engine-version.ts'
import { holdEngineCommand } from '../remote/engine-package.ts'
import type { Step } from './step.ts'

const TIMEOUT_MS = 60_000

/** Holds the engine of a host at its installed version. Restarts nothing. */
export function holdEngine(host: Host, signal?: AbortSignal): Step {
  return {
    title: `Hold the engine of ${host.name}`,

    async changes() {
      const installed = await readInstalledEngine(host, signal)
      return installed && !installed.isHeld
        ? [`${host.name}: ${installed.name} is held at ${installed.version}`]
        : []
    },

    async run() {
      const installed = await readInstalledEngine(host, signal)
      if (installed) await runChecked(host, holdEngineCommand(installed), { timeoutMs: TIMEOUT_MS, signal })
    },
  }
}
