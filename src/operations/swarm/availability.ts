import { fold } from '../../domain/ranges.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import type { Availability } from '../../remote/nodes.ts'
import { setAvailability } from '../../steps/set-availability.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { selectNodes } from './select-nodes.ts'

/** All go through one manager, and each is a decision of the Raft group. */
const UPDATES_AT_ONCE = 8

export interface AvailabilityChange {
  readonly availability: Availability
  readonly changed: boolean
}

/** Lets nodes take tasks (`active`), or no new ones (`pause`). Tasks stay where they are in both cases. */
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
