import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readNode } from '../queries/nodes.ts'
import { Change } from '../record.ts'
import { type Node, removeNodeCommand } from '../remote/nodes.ts'
import { retry } from '../retry.ts'
import type { Step } from './step.ts'

const REMOVE_TIMEOUT_MS = 30_000
/** A node is called down when it has missed three heartbeats of 5 s; twice that when the leader changes meanwhile. */
const DOWN_TIMEOUT_MS = 60_000
const POLL_MS = 1000

/** Takes a node off the list, once the managers have seen that it is down: never one that lives. */
export function removeNode(manager: Host, node: Node, signal?: AbortSignal): Step {
  return {
    title: `Remove ${node.hostname || node.id} from the list of nodes`,

    async changes() {
      const found = await find(manager, node, signal)
      if (!found) return []
      const before = `${found.role}, ${found.state}`
      return [
        new Change(`${node.hostname || node.id} is removed from the list of nodes`, before, 'not listed'),
      ]
    },

    async run() {
      await retry(() => expectDown(manager, node, signal), {
        deadlineMs: DOWN_TIMEOUT_MS,
        everyMs: POLL_MS,
        signal,
      })
      await runChecked(manager, removeNodeCommand(node.id), { timeoutMs: REMOVE_TIMEOUT_MS, signal })
      if (await find(manager, node, signal)) throw stillThere(node, 'it is still listed')
    },
  }
}

/** @returns undefined only where the managers say that there is none: that they cannot be asked is thrown */
async function find(manager: Host, node: Node, signal?: AbortSignal): Promise<Node | undefined> {
  try {
    return await readNode(manager, node, signal)
  } catch (error) {
    if (error instanceof BeltError && error.code === 'no-such-node') return undefined
    throw error
  }
}

async function expectDown(manager: Host, node: Node, signal?: AbortSignal): Promise<void> {
  const found = await find(manager, node, signal)
  if (found && found.state !== 'down') throw stillThere(node, `to the managers it is ${found.state}`)
}

function stillThere({ hostname, id }: Node, reason: string): BeltError {
  return new BeltError('not-removed', `${hostname || id} was not removed: ${reason}`, {
    host: hostname,
    hint: 'a node that lives is not removed; belt swarm status shows it',
  })
}
