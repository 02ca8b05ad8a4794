import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { isEngineCurrent } from '../queries/engine-version.ts'
import { findEnginePackage } from '../queries/find-engine-package.ts'
import { downloadEngineCommand } from '../remote/engine-package.ts'
import type { Step } from './step.ts'

/** Mirrors may be slow, and the machine's own updates may hold the lock on packages. */
const DOWNLOAD_TIMEOUT_MS = 900_000

/** Downloads a version of the engine to a host, so that the later installation does not depend on the network. */
export function downloadEngine(host: Host, wanted: string, signal?: AbortSignal): Step {
  return {
    title: `Download engine ${wanted} to ${host.name}`,

    async changes() {
      return (await isEngineCurrent(host, wanted, signal))
        ? []
        : [`${host.name}: engine ${wanted} is downloaded`]
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
