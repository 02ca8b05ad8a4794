import type { GroupChange } from '../../domain/quorum.ts'
import { fold } from '../../domain/ranges.ts'
import { silentBeside } from '../../domain/upgrade/removal-mode.ts'
import { BeltError } from '../../errors.ts'
import type { Node } from '../../remote/nodes.ts'
import { assertQuorumSurvives, groupOf } from '../swarm/quorum-guard.ts'

/**
 * Checks that a manager can be taken out now. A manager that does not answer, or whose demotion was requested, is out
 * already and passes.
 * @throws a quorum refusal (exit code 5), or `not-healthy` while another manager is out
 */
export function assertMayLeaveGroup(nodes: readonly Node[], id: string, change: GroupChange): void {
  const self = nodes.find(node => node.id === id)
  if (self?.reachability !== 'reachable' || self.role === 'worker') return
  assertQuorumSurvives(groupOf(nodes), [change])
  const silent = silentBeside(nodes, id)
  if (silent.length === 0) return
  const names = fold(silent.map(({ hostname }) => hostname))
  throw new BeltError(
    'not-healthy',
    `the managers do not reach ${names}: no other manager is taken out meanwhile`,
    { hint: `bring it back; if it is lost for good: belt swarm remove --unreachable ${names}` },
  )
}
