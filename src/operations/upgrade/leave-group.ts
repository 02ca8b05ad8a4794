import type { GroupChange } from '../../domain/quorum.ts'
import { fold } from '../../domain/ranges.ts'
import { silentBeside } from '../../domain/removal-mode.ts'
import { BeltError, ExitCode } from '../../errors.ts'
import type { Node } from '../../remote/nodes.ts'
import { refuseLossOfQuorum } from '../swarm/change-roles.ts'
import { groupOf } from '../swarm/snapshot.ts'

/**
 * Throws a quorum refusal (exit code 5) where the managers cannot be upgraded one by one without a time in which the
 * loss of a single one, or the upgrade itself, leaves the swarm without decisions.
 */
export function refuseOutage(managers: number): void {
  if (managers > 2) return
  const message =
    managers === 1
      ? 'refused: the swarm has one manager, and takes no decisions while that is out; its services go on'
      : 'refused: the swarm has two managers; while one is out it has no spare one, and the loss of the other stops it'
  throw new BeltError('quorum', message, {
    exitCode: ExitCode.quorum,
    hint: 'promote others first (belt swarm promote NODES), or accept that with --allow-outage',
  })
}

/**
 * Throws where a manager must not go now: a quorum refusal (exit code 5), or `not-healthy` while another one is out. One
 * that does not answer, or whose demotion has been asked for, is out already.
 */
export function refuseToGo(nodes: readonly Node[], id: string, change: GroupChange): void {
  const self = nodes.find(node => node.id === id)
  if (self?.reachability !== 'reachable' || self.role === 'worker') return
  refuseLossOfQuorum(groupOf(nodes), [change])
  const silent = silentBeside(nodes, id)
  if (silent.length === 0) return
  const names = fold(silent.map(({ hostname }) => hostname))
  throw new BeltError(
    'not-healthy',
    `the managers do not reach ${names}: no other manager is taken out meanwhile`,
    { hint: `bring it back; if it is lost for good: belt swarm remove --unreachable ${names}` },
  )
}
