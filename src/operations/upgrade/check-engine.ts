import { engineInPackage, versionRefusal } from '../../domain/engine-version.ts'
import { fold } from '../../domain/ranges.ts'
import { engineObstacle, engineRisks } from '../../domain/upgrade/engine-risks.ts'
import { precheckError } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { findEnginePackage } from '../../queries/find-engine-package.ts'
import { engineSurroundingsCommand, parseEngineSurroundings } from '../../remote/engine-surroundings.ts'
import type { Fleet } from '../fleet.ts'

/** Which engine a host has and shall have. */
interface EngineChange {
  readonly from: string
  /** As the user wrote it. */
  readonly wanted: string
  /** Whether an engine may be downgraded, or skip a major release. */
  readonly anyVersion: boolean
}

/**
 * Checks that a host can get another engine.
 * @returns what may go wrong, one sentence each
 * @throws a precheck error when there is no such package, the version is refused, or that engine would not start
 */
export async function checkEngine(
  host: Host,
  { from, wanted, anyVersion }: EngineChange,
  signal: AbortSignal,
): Promise<string[]> {
  const { package: found, version } = await findEnginePackage(host, wanted, signal)
  const to = engineInPackage(version)
  const refusal = versionRefusal(from, to, found.versions.map(engineInPackage))
  if (refusal && !refusal.isOnlyWay && !anyVersion)
    throw precheckError('bad-version', `${host.name}: ${refusal.reason}`, {
      host: host.name,
      hint: 'use --any-version to install it anyway',
    })
  const { stdout } = await runChecked(host, engineSurroundingsCommand, { signal })
  const surroundings = parseEngineSurroundings(stdout)
  const obstacle = engineObstacle(to, surroundings)
  if (obstacle)
    throw precheckError('engine-would-not-start', `${host.name}: ${obstacle}`, {
      host: host.name,
      hint: `set "firewall-backend": "iptables" in /etc/docker/daemon.json of ${host.name} first`,
    })
  return [...(refusal ? [riskOf(refusal)] : []), ...engineRisks(from, to, surroundings)]
}

function riskOf({ reason, isOnlyWay }: { reason: string; isOnlyWay: boolean }): string {
  const why = isOnlyWay ? '; the repositories of the hosts have nothing between' : ''
  return `${reason}${why}. Docker does not test such a step: make a backup first (belt swarm backup)`
}

/** Says once for all hosts what may go wrong. */
export function noteRisks(fleet: Fleet, risks: readonly { host: string; risks: readonly string[] }[]): void {
  for (const risk of new Set(risks.flatMap(each => each.risks))) {
    const hosts = risks.filter(each => each.risks.includes(risk)).map(({ host }) => host)
    fleet.progress.note(`warning: ${fold(hosts)}: ${risk}`)
  }
}
