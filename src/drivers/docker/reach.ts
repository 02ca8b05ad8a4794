import type { Engine } from './engine.ts'

/** How machines are reached from where Belt runs: at their own addresses, or at ports that the engine publishes. */
export type Reach = { readonly via: 'address' } | { readonly via: 'port'; readonly at: string }

/**
 * Addresses of containers answer only where the engine shares the network of this computer: not through the virtual
 * machine of Docker Desktop, nor in the network namespace of a rootless engine.
 */
export async function reachOf(engine: Engine): Promise<Reach> {
  const { isSocket, publish } = engine.endpoint
  const viaPort: Reach = { via: 'port', at: publish.at }
  if (process.platform !== 'linux' || !isSocket) return viaPort
  const { OperatingSystem, SecurityOptions } = await engine.facts()
  const isElsewhere = OperatingSystem === 'Docker Desktop' || SecurityOptions?.includes('name=rootless')
  return isElsewhere ? viaPort : { via: 'address' }
}
