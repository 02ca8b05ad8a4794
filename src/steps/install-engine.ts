import { engineInPackage, isEngineVersion, isPackageVersion } from '../domain/engine-version.ts'
import { BeltError, precheckError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { Change } from '../record.ts'
import {
  type EnginePackage,
  enginePackageCommand,
  holdEngineCommand,
  installEngineCommand,
  installedEngineCommand,
  packageVersion,
  parseEnginePackage,
  parseInstalledEngine,
} from '../remote/engine-package.ts'
import { engineVersionCommand, restartEngineCommand } from '../remote/engine-service.ts'
import { retry } from '../retry.ts'
import { understood } from './read-swarm.ts'
import type { Step } from './step.ts'

/** A slow mirror, and a lock on packages that the machine's own updates hold. */
const PACKAGES_TIMEOUT_MS = 900_000
const RESTART_TIMEOUT_MS = 180_000
/** The package has the engine restarted, and answers before it has started. */
const START_TIMEOUT_MS = 60_000
const READ_TIMEOUT_MS = 60_000
const POLL_MS = 500

/**
 * Finds the package and its version that bring an engine to a version; changes nothing.
 * @throws a precheck error when the host's repositories do not have it
 */
export async function findEnginePackage(
  host: Host,
  wanted: string,
  signal?: AbortSignal,
): Promise<{ package: EnginePackage; version: string }> {
  const { stdout } = await runChecked(host, enginePackageCommand, { timeoutMs: PACKAGES_TIMEOUT_MS, signal })
  const found = understood(host, () => parseEnginePackage(stdout))
  const version = packageVersion(found, wanted)
  if (version !== undefined) return { package: found, version }
  throw precheckError(
    'no-such-version',
    `${host.name}: there is no ${found.name} with the version ${wanted}`,
    {
      host: host.name,
      hint: `its repositories have ${found.versions.slice(0, 5).join(', ') || 'none'}`,
    },
  )
}

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

/** Brings the engine of a host to a version, pinned and held, and waits until that version runs. */
export function installEngine(host: Host, wanted: string, signal?: AbortSignal): Step {
  const engine = engineInPackage(wanted)
  const runs = () => runningVersion(host, signal)
  const started = () => retry(runs, { deadlineMs: START_TIMEOUT_MS, everyMs: POLL_MS, signal })
  return {
    title: `Install engine ${wanted} on ${host.name}`,

    async changes() {
      // An engine that an interrupted installation left broken does not tell its version.
      const standing = await engineStanding(host, wanted, signal).catch(() => 'other')
      if (standing === 'as wanted') return []
      const version = await runs().catch(() => 'unknown')
      const sentence = `${host.name}: engine ${version} becomes ${wanted}, held`
      return [new Change(sentence, `engine ${version}`, `engine ${wanted}`)]
    },

    async run() {
      const found = await findEnginePackage(host, wanted, signal)
      await runChecked(host, installEngineCommand(found.package, found.version), {
        timeoutMs: PACKAGES_TIMEOUT_MS,
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
