import { engineInPackage, isEngineVersion, isPackageVersion } from '../domain/engine-version.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import {
  type InstalledEngine,
  installedEngineCommand,
  parseInstalledEngine,
} from '../remote/engine-package.ts'
import { engineVersionCommand } from '../remote/engine-service.ts'

const READ_TIMEOUT_MS = 60_000

/** `current` is the wanted version, held at it; `not-held` lacks only the hold. */
export type EngineStanding = 'other' | 'not-held' | 'current'

/** Reads the version of the running engine. @throws when the engine does not answer */
export async function readEngineVersion(host: Host, signal?: AbortSignal): Promise<string> {
  return (await runChecked(host, engineVersionCommand, { signal })).stdout.trim()
}

/** Reads which package of the engine is installed; undefined if the engine comes from no package. */
export async function readInstalledEngine(
  host: Host,
  signal?: AbortSignal,
): Promise<InstalledEngine | undefined> {
  const { stdout } = await runChecked(host, installedEngineCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return parseInstalledEngine(stdout)
}

/**
 * Compares a host's engine with a wanted version: the running version and, if a package version is wanted, the version
 * of the package. An engine that comes from no package cannot be held.
 */
export async function engineStanding(
  host: Host,
  wanted: string,
  signal?: AbortSignal,
): Promise<EngineStanding> {
  if (!isEngineVersion(await readEngineVersion(host, signal), engineInPackage(wanted))) return 'other'
  const installed = await readInstalledEngine(host, signal)
  if (isPackageVersion(wanted) && installed?.version !== wanted) return 'other'
  return installed && !installed.isHeld ? 'not-held' : 'current'
}

/** Whether an engine needs no change. An engine that a failed installation left broken does need one. */
export async function isEngineCurrent(host: Host, wanted: string, signal?: AbortSignal): Promise<boolean> {
  return (await engineStanding(host, wanted, signal).catch(() => 'other')) === 'current'
}
