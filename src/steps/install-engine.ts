import { engineInPackage, isEngineVersion, isPackageVersion } from '../domain/engine-version.ts'
import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { listedEnginePackage } from '../queries/find-engine-package.ts'
import { Change } from '../record.ts'
import {
  holdEngineCommand,
  installEngineCommand,
  installedEngineCommand,
  parseInstalledEngine,
} from '../remote/engine-package.ts'
import { engineVersionCommand, restartEngineCommand } from '../remote/engine-service.ts'
import { retry } from '../retry.ts'
import type { Step } from './step.ts'

/** A slow disk, and containers that the engine stops meanwhile. */
const INSTALL_TIMEOUT_MS = 900_000
const RESTART_TIMEOUT_MS = 180_000
/** The package has the engine restarted, and answers before it has started. */
const START_TIMEOUT_MS = 60_000
const READ_TIMEOUT_MS = 60_000
const POLL_MS = 500

/** How an engine stands to a version that is wanted. */
export type EngineStanding = 'other' | 'not held' | 'as wanted'

/**
 * Compares the engine of a host with what is wanted: the version that runs and, where the package's own version is
 * wanted, that of the package. One that belongs to no package cannot be held.
 */
export async function engineStanding(
  host: Host,
  wanted: string,
  signal?: AbortSignal,
): Promise<EngineStanding> {
  if (!isEngineVersion(await runningVersion(host, signal), engineInPackage(wanted))) return 'other'
  const { stdout } = await runChecked(host, installedEngineCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  const installed = parseInstalledEngine(stdout)
  if (isPackageVersion(wanted) && installed?.version !== wanted) return 'other'
  return installed && !installed.isHeld ? 'not held' : 'as wanted'
}

/** Whether nothing is to be done to an engine. One that an interrupted installation left broken does not tell its version. */
export async function isAsWanted(host: Host, wanted: string, signal?: AbortSignal): Promise<boolean> {
  return (await engineStanding(host, wanted, signal).catch(() => 'other')) === 'as wanted'
}

/** Brings the engine of a host to a version that was downloaded, pinned and held, and waits until that version runs. */
export function installEngine(host: Host, wanted: string, signal?: AbortSignal): Step {
  const engine = engineInPackage(wanted)
  const runs = () => runningVersion(host, signal)
  const started = () => retry(runs, { deadlineMs: START_TIMEOUT_MS, everyMs: POLL_MS, signal })
  return {
    title: `Install engine ${wanted} on ${host.name}`,

    async changes() {
      if (await isAsWanted(host, wanted, signal)) return []
      const version = await runs().catch(() => 'unknown')
      const sentence = `${host.name}: engine ${version} becomes ${wanted}, held`
      return [new Change(sentence, `engine ${version}`, `engine ${wanted}`)]
    },

    async run() {
      const found = await listedEnginePackage(host, wanted, signal)
      await runChecked(host, installEngineCommand(found.package, found.version), {
        timeoutMs: INSTALL_TIMEOUT_MS,
        signal,
      })
      if (isEngineVersion(await started().catch(() => ''), engine)) return
      await runChecked(host, restartEngineCommand, { timeoutMs: RESTART_TIMEOUT_MS, signal })
      const version = await started()
      if (isEngineVersion(version, engine)) return
      throw new BeltError('not-upgraded', `${host.name}: the engine that runs is ${version}, not ${engine}`, {
        host: host.name,
        hint: `belt exec ${host.name} -- dockerd --version tells what is installed`,
      })
    },
  }
}

/** Holds the engine of a host at the version that it has, and restarts nothing. */
export function holdEngine(host: Host, signal?: AbortSignal): Step {
  const installed = async () => {
    const { stdout } = await runChecked(host, installedEngineCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
    return parseInstalledEngine(stdout)
  }
  return {
    title: `Hold the engine of ${host.name}`,

    async changes() {
      const now = await installed()
      return now && !now.isHeld ? [`${host.name}: ${now.name} is held at ${now.version}`] : []
    },

    async run() {
      const now = await installed()
      if (now) await runChecked(host, holdEngineCommand(now), { timeoutMs: READ_TIMEOUT_MS, signal })
    },
  }
}

async function runningVersion(host: Host, signal?: AbortSignal): Promise<string> {
  return (await runChecked(host, engineVersionCommand, { signal })).stdout.trim()
}
