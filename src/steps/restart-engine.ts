import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { restartEngineCommand } from '../remote/engine-service.ts'
import { retry } from '../retry.ts'
import { readMembership, readNodes } from './read-swarm.ts'

/** The service waits for the engine to stop its containers, each 10 s at most unless told otherwise. */
const RESTART_TIMEOUT_MS = 180_000
const GATE_TIMEOUT_MS = 120_000
const POLL_MS = 1000

/**
 * Restarts the engine of a host, and waits until it and the swarm say that the node is back.
 * @param manager another manager, which is asked for the node; undefined for a host outside any swarm
 */
export async function restartEngine(
  host: Host,
  manager: Host | undefined,
  signal?: AbortSignal,
): Promise<void> {
  await runChecked(host, restartEngineCommand, { timeoutMs: RESTART_TIMEOUT_MS, signal })
  await retry(() => expectBack(host, manager, signal), {
    deadlineMs: GATE_TIMEOUT_MS,
    everyMs: POLL_MS,
    signal,
  })
}

async function expectBack(host: Host, manager: Host | undefined, signal?: AbortSignal): Promise<void> {
  const { state, error, nodeId, isManager } = await readMembership(host, signal)
  if (!manager) return
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
