import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { findEnginePackage } from '../queries/find-engine-package.ts'
import { downloadEngineCommand } from '../remote/engine-package.ts'
import { isAsWanted } from './install-engine.ts'
import type { Step } from './step.ts'

/** A slow mirror, and a lock on packages that the machine's own updates hold. */
const DOWNLOAD_TIMEOUT_MS = 900_000

/** Fetches a version of the engine to a host that has another, so that its installation waits for no network. */
export function downloadEngine(host: Host, wanted: string, signal?: AbortSignal): Step {
  return {
    title: `Download engine ${wanted} to ${host.name}`,

    async changes() {
      return (await isAsWanted(host, wanted, signal)) ? [] : [`${host.name}: engine ${wanted} is fetched`]
    },

    async run() {
      const { package: engine, version } = await findEnginePackage(host, wanted, signal)
      await runChecked(host, downloadEngineCommand(engine, version), {
        timeoutMs: DOWNLOAD_TIMEOUT_MS,
        signal,
      })
    },
  }
}
