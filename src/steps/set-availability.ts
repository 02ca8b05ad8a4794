import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readNode } from '../queries/nodes.ts'
import { Change } from '../record.ts'
import { type Availability, availabilityCommand, type Node } from '../remote/nodes.ts'
import type { Step } from './step.ts'

const UPDATE_TIMEOUT_MS = 30_000

/** Sets whether a node accepts tasks. Does not wait for the tasks of a drained node to move: see `awaitDrained`. */
export function setAvailability(
  manager: Host,
  node: Node,
  availability: Availability,
  signal?: AbortSignal,
): Step {
  return {
    title: `Set ${node.hostname} to ${availability}`,

    async changes() {
      const current = (await readNode(manager, node, signal)).availability
      if (current === availability) return []
      return [new Change(`${node.hostname}: ${current} becomes ${availability}`, current, availability)]
    },

    async run() {
      await runChecked(manager, availabilityCommand(node.id, availability), {
        timeoutMs: UPDATE_TIMEOUT_MS,
        signal,
      })
      if ((await readNode(manager, node, signal)).availability === availability) return
      throw new BeltError('not-updated', `${node.hostname} is still not set to ${availability}`, {
        host: node.hostname,
        hint: 'someone else may be changing it; belt swarm status shows its availability',
      })
    },
  }
}
