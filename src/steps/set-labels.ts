import { type LabelEdit, labelChanges } from '../domain/labels.ts'
import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readNode } from '../queries/nodes.ts'
import { labelCommand, type Node } from '../remote/nodes.ts'
import type { Step } from './step.ts'

const UPDATE_TIMEOUT_MS = 30_000

/** Sets and removes labels of a node; other labels stay. The swarm keeps them until the node leaves it. */
export function setLabels(manager: Host, node: Node, edit: LabelEdit, signal?: AbortSignal): Step {
  const changes = async () => labelChanges((await readNode(manager, node, signal)).labels, edit)
  return {
    title: `Label ${node.hostname}`,
    changes,

    async run() {
      const { labels } = await readNode(manager, node, signal)
      const present = edit.remove.filter(key => key in labels)
      await runChecked(manager, labelCommand(node.id, edit.set, present), {
        timeoutMs: UPDATE_TIMEOUT_MS,
        signal,
      })
      const missing = await changes()
      if (missing.length === 0) return
      throw new BeltError(
        'not-updated',
        `the labels of ${node.hostname} did not change: ${missing.join(', ')}`,
        {
          host: node.hostname,
          hint: 'someone else may be changing them; try again',
        },
      )
    },
  }
}
