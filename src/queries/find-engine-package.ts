import { precheckError } from '../errors.ts'
import { understood } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import type { Command } from '../remote/command.ts'
import {
  type EnginePackage,
  enginePackageCommand,
  listedEnginePackageCommand,
  packageVersion,
  parseEnginePackage,
} from '../remote/engine-package.ts'

/** A slow mirror, and a lock on packages that the machine's own updates hold. */
const REFRESH_TIMEOUT_MS = 900_000
const READ_TIMEOUT_MS = 60_000

/** A package, and its version that holds a version of the engine. */
export interface FoundPackage {
  readonly package: EnginePackage
  /** As the package manager writes it. */
  readonly version: string
}

/**
 * Finds the package and its version that bring an engine to a version; refreshes the host's list of packages for that.
 * @throws a precheck error when the host's repositories do not have it
 */
export function findEnginePackage(host: Host, wanted: string, signal?: AbortSignal): Promise<FoundPackage> {
  return find(host, enginePackageCommand, wanted, { timeoutMs: REFRESH_TIMEOUT_MS, signal })
}

/** The same, from the list that was refreshed last. */
export function listedEnginePackage(host: Host, wanted: string, signal?: AbortSignal): Promise<FoundPackage> {
  return find(host, listedEnginePackageCommand, wanted, { timeoutMs: READ_TIMEOUT_MS, signal })
}

async function find(
  host: Host,
  command: Command,
  wanted: string,
  options: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<FoundPackage> {
  const { stdout } = await runChecked(host, command, options)
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
