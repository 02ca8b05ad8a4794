import type { Writable } from 'node:stream'
import type { Clock } from '../../clock.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { receive } from '../../hosts/receive.ts'
import { readMembership } from '../../queries/membership.ts'
import { inContext } from '../../record.ts'
import { startEngineCommand } from '../../remote/engine-service.ts'
import { snapshotStateCommand } from '../../remote/swarm-state.ts'
import { retry } from '../../retry.ts'
import { expectBack } from '../../waits/await-back.ts'

/** Time to stop and start the engine and to transfer the copy: a swarm of many services has some hundred MB. */
const TAKE_TIMEOUT_MS = 900_000
const START_TIMEOUT_MS = 60_000
const BACK_TIMEOUT_MS = 180_000
const POLL_MS = 1000

export interface StateSource {
  readonly host: Host
  /** Another manager to ask whether this one is back; the same one if there is no other. */
  readonly witness: Host
  /** The unlock key of a swarm with autolock. */
  readonly unlockKey: string | undefined
}

/**
 * Stops the engine of a manager, copies its state as a `tar.gz`, starts the engine, and waits until the manager is back.
 * It ignores interruptions, and whatever fails, it first waits for the engine to run again.
 * @param options `backTimeoutMs` is how long the manager may take to come back
 * @returns the reason if the copy exists but the manager is not known to be back; otherwise undefined
 * @throws `backup-failed` if there is no copy, or the manager's own failure if it is not back either
 */
export async function snapshotState(
  source: StateSource,
  output: Writable,
  {
    backTimeoutMs = BACK_TIMEOUT_MS,
    clock,
  }: { backTimeoutMs?: number | undefined; clock?: Clock | undefined } = {},
): Promise<BeltError | undefined> {
  const { host, unlockKey } = source
  const failure = await inContext(
    { title: `Copy the state of ${host.name} while its engine is stopped` },
    () => receive(host, snapshotStateCommand(unlockKey), output, { timeoutMs: TAKE_TIMEOUT_MS }),
  ).catch(error => ({ error }))
  const waiting = { deadlineMs: backTimeoutMs, everyMs: POLL_MS, clock }
  const notBack = await retry(() => bringBack(source), waiting).then(
    () => undefined,
    error => {
      if (failure || !(error instanceof BeltError)) throw error
      return error
    },
  )
  if (failure) throw notTaken(host, failure.error)
  return notBack
}

/** The host starts its engine itself; this covers a host that restarted meanwhile or failed to. */
async function bringBack({ host, witness, unlockKey }: StateSource): Promise<void> {
  await readMembership(host).catch(async error => {
    await inContext({ title: `Start the engine of ${host.name}` }, () =>
      host.run(startEngineCommand, { timeoutMs: START_TIMEOUT_MS }),
    )
    throw error
  })
  await expectBack(host, async () => witness, { unlockKey })
}

function notTaken(host: Host, cause: unknown): BeltError {
  return new BeltError(
    'backup-failed',
    `no backup was made; ${host.name} is back in the swarm: ${reasonOf(cause)}`,
    {
      host: host.name,
      hint: `fix the cause on ${host.name} (free space: belt exec ${host.name} -- df -h), then run this again`,
      cause,
    },
  )
}
