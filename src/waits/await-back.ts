import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readMembership } from '../queries/membership.ts'
import { readNodes } from '../queries/nodes.ts'
import { Change, inContext } from '../record.ts'
import { engineVersionCommand } from '../remote/engine-service.ts'
import { unlockCommand } from '../remote/swarm-state.ts'
import { retry, type WaitOptions } from '../retry.ts'

const POLL_MS = 1000
const UNLOCK_TIMEOUT_MS = 60_000

export interface BackOptions extends WaitOptions {
  readonly deadlineMs: number
  /** The unlock key of a swarm with autolock. */
  readonly unlockKey?: string | undefined
  /** Called with the reason for the wait, after each check that fails. */
  readonly onWait?: ((reason: string) => void) | undefined
}

/**
 * Waits until an engine that was restarted answers, and both it and the managers report its node as back.
 * @param findManager finds another manager to ask, for each check; undefined for a host in no swarm
 */
export function awaitBack(
  host: Host,
  findManager: (() => Promise<Host>) | undefined,
  options: BackOptions,
): Promise<void> {
  const { deadlineMs, signal, clock, onWait } = options
  return retry(() => expectBack(host, findManager, options), {
    deadlineMs,
    everyMs: POLL_MS,
    signal,
    clock,
    onRetry: error => onWait?.(reasonOf(error)),
  })
}

/**
 * Checks once whether a node is back in the swarm after its engine was started. Unlocks the engine if it is locked.
 * @throws `engine-not-back` with the states that the host and the managers report
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
  // After the unlock: until then, the swarm may lack its quorum.
  const manager = await findManager()
  const node = (await readNodes(manager, signal)).find(candidate => candidate.id === nodeId)
  const takesPart = node?.role === 'worker' || (isManager && node?.reachability === 'reachable')
  if (state === 'active' && !error && node?.state === 'ready' && takesPart) return
  const seen = node ? [node.state, node.reachability].filter(Boolean).join(', ') : 'not listed'
  throw new BeltError(
    'engine-not-back',
    `${host.name} is not back in the swarm: it reports ${error ?? state}, the managers report ${seen}`,
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
