import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { clientCommand } from '../remote/engine-service.ts'

/**
 * Checks that a host has Docker's client, without which Belt cannot work on it.
 * @throws `no-client` if it has none; HostError if it cannot be asked
 */
export async function assertHasClient(host: Host, signal?: AbortSignal): Promise<void> {
  const { code } = await host.run(clientCommand, { signal })
  if (code === 0) return
  throw new BeltError('no-client', `${host.name} has no docker command`, {
    host: host.name,
    hint: `install it: belt exec ${host.name} -- apt-get install -y docker-cli (docker-ce-cli if the engine is docker-ce)`,
  })
}
