import { foldShort } from '../../domain/ranges.ts'
import { reasonOf } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import type { ProgressTask } from '../../progress.ts'
import type { Node } from '../../remote/nodes.ts'
import { awaitKnown, type KnownOptions } from '../../waits/await-known.ts'
import type { Fleet } from '../fleet.ts'

/**
 * Reads the nodes once the managers know which are alive: a new leader takes a while. Shows that it waits, and which nodes
 * are still `unknown` after 30 s: they may be alive.
 * @param concerned the nodes that matter (default: all), and those that do not answer Belt
 * @throws when the nodes cannot be read
 */
export async function knownNodes(
  fleet: Fleet,
  manager: Host,
  concerned: Pick<KnownOptions, 'nodeIds' | 'silentIds'> = {},
): Promise<Node[]> {
  let task: ProgressTask | undefined
  const onWait = (why: string) => {
    task ??= fleet.progress.start('Waiting for the managers to know the state of the nodes')
    task.update(why)
  }
  try {
    const nodes = await awaitKnown(manager, {
      ...concerned,
      signal: fleet.signal,
      clock: fleet.clock,
      onWait,
    })
    const unknown = nodes.filter(({ state }) => state === 'unknown').map(({ hostname }) => hostname)
    task?.done(unknown.length > 0 ? `${foldShort(unknown)} may be alive` : undefined)
    return nodes
  } catch (error) {
    task?.fail(reasonOf(error))
    throw error
  }
}
