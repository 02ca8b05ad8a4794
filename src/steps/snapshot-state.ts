import type { Writable } from 'node:stream'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { receive } from '../hosts/receive.ts'
import { readMembership } from '../queries/membership.ts'
import { inContext } from '../record.ts'
import { startEngineCommand } from '../remote/engine-service.ts'
import { snapshotStateCommand } from '../remote/swarm-state.ts'
import { retry } from '../retry.ts'
import { expectBack } from '../waits/await-back.ts'

/** For the engine to stop and start and for the copy to travel: a swarm of many services has some hundred MB. */
const TAKE_TIMEOUT_MS = 900_000
const START_TIMEOUT_MS = 60_000
const BACK_TIMEOUT_MS = 180_000
const POLL_MS = 1000

export interface StateSource {
  readonly host: Host
  /** Another manager, which is asked whether this one is back; the same where there is no other. */
  readonly witness: Host
  /** For a swarm with autolock. */
  readonly unlockKey: string | undefined
}

/**
 * Copies the state of a manager, a `tar.gz`, with its engine stopped meanwhile, and waits until it takes part again.
 * An interruption does not end it: the engine comes first. Whatever fails, the engine is seen to run again before the
 * failure is told.
 * @param backTimeoutMs how long the manager may take until it takes part again
 * @returns why the manager is not known to take part again though there is a copy; undefined: it does
 * @throws `backup-failed` when there is no copy, or what keeps the manager where that is not back either
 */
export async function snapshotState(
  source: StateSource,
  output: Writable,
  backTimeoutMs = BACK_TIMEOUT_MS,
): Promise<BeltError | undefined> {
  const { host, unlockKey } = source
  const failure = await inContext({ title: `Copy the state of ${host.name}, its engine stopped` }, () =>
    receive(host, snapshotStateCommand(unlockKey), output, { timeoutMs: TAKE_TIMEOUT_MS }),
  ).catch(error => ({ error }))
  const notBack = await retry(() => bringBack(source), { deadlineMs: backTimeoutMs, everyMs: POLL_MS }).then(
    () => undefined,
    error => {
      if (failure || !(error instanceof BeltError)) throw error
      return error
    },
  )
  if (failure) throw notTaken(host, failure.error)
  return notBack
}

/** The host does all of this itself; this is for one that died meanwhile, or could not. */
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
    `no backup was made, and ${host.name} takes part again: ${reasonOf(cause)}`,
    {
      host: host.name,
      hint: `look for what failed on ${host.name} (the space: belt exec ${host.name} -- df -h), then run it again`,
      cause,
    },
  )
}
