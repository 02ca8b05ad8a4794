import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { findNode } from '../queries/nodes.ts'
import { Change } from '../record.ts'
import { type Node, removeNodeCommand } from '../remote/nodes.ts'
import type { WaitOptions } from '../retry.ts'
import { awaitDown, notRemoved } from '../waits/await-down.ts'
import type { Step } from './step.ts'

const REMOVE_TIMEOUT_MS = 30_000

/** Removes a node from the list of nodes once the managers report it as down; never a node that is alive. */
export function removeNode(manager: Host, node: Node, options: WaitOptions = {}): Step {
  const { signal } = options
  const name = node.hostname || node.id
  return {
    title: `Remove ${name} from the list of nodes`,

    async changes() {
      const found = await findNode(manager, node, signal)
      if (!found) return []
      const before = `${found.role}, ${found.state}`
      return [new Change(`${name} is removed from the list of nodes`, before, 'not listed')]
    },

    async run() {
      await awaitDown(manager, node, options)
      await runChecked(manager, removeNodeCommand(node.id), { timeoutMs: REMOVE_TIMEOUT_MS, signal })
      if (await findNode(manager, node, signal)) throw notRemoved(node, 'it is still listed')
    },
  }
}
