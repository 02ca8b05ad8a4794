import type { Inventory } from '../domain/inventory.ts'
import { READ_TIMEOUT_MS, understood } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { inventoryCommand, parseInventory } from '../remote/inventory.ts'

/** Lists by name what a swarm holds. @throws when it cannot be read */
export async function readInventory(manager: Host, signal?: AbortSignal): Promise<Inventory> {
  const { stdout } = await runChecked(manager, inventoryCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(manager, () => parseInventory(stdout))
}
