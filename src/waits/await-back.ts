import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readMembership } from '../queries/membership.ts'
import { readNodes } from '../queries/nodes.ts'
import { Change, inContext } from '../record.ts'
import { engineVersionCommand } from '../remote/engine-service.ts'
import { unlockCommand } from '../remote/swarm-state.ts'
import { retry } from '../retry.ts'

const POLL_MS = 1000
const UNLOCK_TIMEOUT_MS = 60_000

export interface BackOptions {
  readonly deadlineMs: number
  /** The key that unlocks it, where its swarm has autolock. */
  readonly unlockKey?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Called with what still keeps it. */
  readonly onWait?: ((reason: string) => void) | undefined
}

/**
 * Waits until an engine that was restarted answers, and it and the swarm say that its node is back.
 * @param findManager finds another manager to ask for the node, anew each time; undefined for a host outside any swarm
 */
export function awaitBack(
  host: Host,
  findManager: (() => Promise<Host>) | undefined,
  options: BackOptions,
): Promise<void> {
  const { deadlineMs, signal, onWait } = options
  return retry(() => expectBack(host, findManager, options), {
    deadlineMs,
    everyMs: POLL_MS,
    signal,
    onRetry: error => onWait?.(error instanceof Error ? error.message : String(error)),
  })
}

/**
 * Looks whether a host's node takes part again after its engine was started, and unlocks it where that is what it lacks.
 * @throws `engine-not-back` with what it and the managers say
 */
export async function expectBack(
  host: Host,
  findManager: (() => Promise<Host>) | undefined,
  options: Pick<BackOptions, 'unlockKey' | 'signal'> = {},
): Promise<void> {
  const { unlockKey, signal } = options
  const { state, error, nodeId, isManager } = await readMembership(host, signal)
  if (!findManager) return void (await runChecked(host, engineVersionCommand, { signal }))
  if (state === 'locked' && unlockKey !== undefined) await unlock(host, unlockKey, signal)
  // Only now: the swarm may lack a quorum until this one is unlocked.
  const manager = await findManager()
  const node = (await readNodes(manager, signal)).find(candidate => candidate.id === nodeId)
  const takesPart = node?.role === 'worker' || (isManager && node?.reachability === 'reachable')
  if (state === 'active' && !error && node?.state === 'ready' && takesPart) return
  const seen = node ? [node.state, node.reachability].filter(Boolean).join(', ') : 'not listed'
  throw new BeltError(
    'engine-not-back',
    `${host.name} is not back in the swarm: it says ${error ?? state}, the managers say ${seen}`,
    {
      host: host.name,
      hint:
        state === 'locked'
          ? `belt --host ${host.name} docker swarm unlock`
          : `belt exec ${host.name} -- journalctl -u docker -n 50 shows why`,
    },
  )
}

async function unlock(host: Host, key: string, signal?: AbortSignal): Promise<void> {
  const changes = [new Change(`${host.name} is unlocked`, 'locked', 'unlocked')]
  await inContext({ title: `Unlock ${host.name}`, changes }, () =>
    runChecked(host, unlockCommand(key), { timeoutMs: UNLOCK_TIMEOUT_MS, signal }),
  )
}
