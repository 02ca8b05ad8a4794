import { fold } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
import type { Removal } from '../operations/swarm/remove.ts'
import type { RemovedNodes } from '../operations/swarm/remove-and-destroy.ts'

/** What the user is asked before nodes are removed from the swarm. */
export function removalQuestion(
  { view, unreachable }: Removal,
  { cluster, destroy }: { cluster: string; destroy: boolean },
): string {
  const names = fold(view.members.map(({ name }) => name))
  const one = view.members.length === 1
  const lost = unreachable ? (one ? 'the lost node ' : 'the lost nodes ') : ''
  const machines = destroy ? `, and destroy ${one ? 'its machine' : 'their machines'}` : ''
  return `Remove ${lost}${names} from the swarm of ${cluster}${machines}?`
}

/** A line for each node that was removed. */
export function removedLines({ answers, destruction }: RemovedNodes): string {
  const { destroyed } = destruction
  return answers
    .filter(({ ok }) => ok)
    .map(({ host }) => line`${host}: removed${destroyed.includes(host) ? ' and destroyed' : ''}\n`)
    .join('')
}
