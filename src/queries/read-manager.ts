import { createGunzip } from 'node:zlib'
import { RaftLogReader, type RaftProgress } from '../domain/raft-progress.ts'
import { BeltError, reasonOf } from '../errors.ts'
import { understood } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import { receive } from '../hosts/receive.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { autolockCommand, parseAutolock, raftLogCommand } from '../remote/swarm-state.ts'
import { retry, type WaitOptions } from '../retry.ts'

const READ_TIMEOUT_MS = 30_000
/** Files of the log have up to 64 MB. */
const LOG_TIMEOUT_MS = 120_000

/** The engine may be writing while its log is read. */
const LOG_TRIES = 3
const TRY_AGAIN_MS = 500

/**
 * Reads a manager's progress in its Raft group from its disk, because a swarm without a leader does not report it.
 * @throws `unreadable-answer` if the log cannot be understood
 */
export function readRaftProgress(host: Host, options: WaitOptions = {}): Promise<RaftProgress> {
  let tries = 0
  return retry(() => readLog(host, options.signal), {
    ...options,
    deadlineMs: LOG_TIMEOUT_MS,
    everyMs: TRY_AGAIN_MS,
    retryable: error => error instanceof UnreadableLogError && ++tries < LOG_TRIES,
  })
}

async function readLog(host: Host, signal?: AbortSignal): Promise<RaftProgress> {
  const log = createGunzip()
  const reader = new RaftLogReader()
  let failure: unknown
  log.on('data', chunk => {
    try {
      if (failure === undefined) reader.push(chunk)
    } catch (error) {
      failure = error
    }
  })
  await receive(host, raftLogCommand, log, { timeoutMs: LOG_TIMEOUT_MS, signal }).catch(error => {
    throw error instanceof BeltError ? error : new UnreadableLogError(host, reasonOf(error), error)
  })
  if (failure !== undefined) throw new UnreadableLogError(host, reasonOf(failure), failure)
  if (!reader.progress) throw new UnreadableLogError(host, 'it has no committed entry')
  return reader.progress
}

class UnreadableLogError extends BeltError {
  constructor({ name }: Host, why: string, cause?: unknown) {
    super('unreadable-answer', `${name}: its Raft log cannot be read: ${why}`, {
      host: name,
      hint: `belt exec ${name} -- ls -l /var/lib/docker/swarm/raft shows the files`,
      cause,
    })
  }
}

/** Reads whether a manager needs the unlock key to start. This works without a leader. @throws when it cannot be read */
export async function readAutolock(host: Host, signal?: AbortSignal): Promise<boolean> {
  const { stdout } = await runChecked(host, autolockCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(host, () => parseAutolock(stdout))
}
