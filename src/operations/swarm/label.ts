import { type LabelEdit, labelChanges } from '../../domain/labels.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import { UPDATES_AT_ONCE } from '../../remote/nodes.ts'
import { setLabels } from '../../steps/set-labels.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { selectNodes } from './select-nodes.ts'

/**
 * Sets and removes labels of nodes.
 * @returns the changes per node; empty if there were none
 */
export async function labelNodes(
  fleet: Fleet,
  expression: readonly string[],
  edit: LabelEdit,
): Promise<Answer<string[]>[]> {
  const { manager, members } = await selectNodes(fleet, expression)
  return fanOut(
    members,
    async ({ node }) => {
      await perform(setLabels(manager.host, node, edit, fleet.signal))
      return labelChanges(node.labels, edit).map(String)
    },
    { signal: fleet.signal, concurrency: UPDATES_AT_ONCE },
  )
}
