/** What an upgrade of an engine depends on, besides its versions. */
export interface EngineSurroundings {
  readonly cgroupV1: boolean
  /** The firewall backend in the engine's settings is nftables. */
  readonly nftables: boolean
  /** Overlay networks of the swarm that encrypt their traffic. */
  readonly encrypted: readonly string[]
}

/** Why an engine of this version would not start; undefined if it would. */
export function engineObstacle(to: string, { nftables }: EngineSurroundings): string | undefined {
  return nftables && majorOf(to) >= 29
    ? `engine ${to} does not start as a member of a swarm with the firewall backend nftables`
    : undefined
}

/** What may go wrong with an engine of the new version, one sentence each. */
export function engineRisks(from: string, to: string, { cgroupV1, encrypted }: EngineSurroundings): string[] {
  if (majorOf(from) >= 29 || majorOf(to) < 29) return []
  const networks = encrypted.join(', ')
  return [
    'from engine 29 on, containers may open 1024 files instead of 1048576, unless their service sets the limit nofile',
    ...(cgroupV1 ? ['engine 29 deprecates cgroup v1, which these hosts use'] : []),
    ...(networks
      ? [`encrypted networks (${networks}) may pass no traffic between engines before 29 and engine 29`]
      : []),
  ]
}

function majorOf(version: string): number {
  return Number(/^\d+/.exec(version)?.[0])
}
