import type { Engine } from './engine.ts'

/** How Belt connects to machines: at their own addresses, or at ports that the engine publishes. */
export type Reach = { readonly via: 'address' } | { readonly via: 'port'; readonly at: string }

/**
 * Container addresses are reachable only if the engine shares this computer's network. That is not the case in Docker
 * Desktop's virtual machine or in the network namespace of a rootless engine.
 */
export async function reachOf(engine: Engine): Promise<Reach> {
  const { isSocket, publish } = engine.endpoint
  const viaPort: Reach = { via: 'port', at: publish.at }
  if (process.platform !== 'linux' || !isSocket) return viaPort
  const { OperatingSystem, SecurityOptions } = await engine.facts()
  const isElsewhere = OperatingSystem === 'Docker Desktop' || SecurityOptions?.includes('name=rootless')
  return isElsewhere ? viaPort : { via: 'address' }
}
