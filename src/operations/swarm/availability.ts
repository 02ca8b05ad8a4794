import { fold } from '../../domain/ranges.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import { type Availability, UPDATES_AT_ONCE } from '../../remote/nodes.ts'
import { setAvailability } from '../../steps/set-availability.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { selectNodes } from './select-nodes.ts'

export interface AvailabilityChange {
  readonly availability: Availability
  readonly changed: boolean
}

/** Sets nodes to accept tasks (`active`) or no new ones (`pause`). Running tasks stay where they are. */
export async function changeAvailability(
  fleet: Fleet,
  expression: string | readonly string[],
  availability: 'active' | 'pause',
): Promise<Answer<AvailabilityChange>[]> {
  const { manager, members } = await selectNodes(fleet, expression)
  const task = fleet.progress.start(`Setting ${fold(members.map(({ name }) => name))} to ${availability}`)
  const nodes = members.map(({ name, node }) => ({ name, node }))
  const answers = await fanOut(
    nodes,
    async ({ node }) => {
      const step = setAvailability(manager.host, node, availability, fleet.signal)
      return { availability, changed: await perform(step) }
    },
    { ...fleet, concurrency: UPDATES_AT_ONCE },
  )
  task.done()
  return answers
}
