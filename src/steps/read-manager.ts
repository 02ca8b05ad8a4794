import { createGunzip } from 'node:zlib'
import { RaftLogReader, type RaftProgress } from '../domain/raft-progress.ts'
import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { receive } from '../hosts/receive.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { autolockCommand, raftLogCommand } from '../remote/swarm-state.ts'

const READ_TIMEOUT_MS = 30_000
/** A file of the log has up to 64 MB. */
const LOG_TIMEOUT_MS = 120_000

/**
 * Reads how far a manager has followed its Raft group, from its disk: a swarm without a leader does not tell.
 * @throws when it cannot be read
 */
export async function readRaftProgress(host: Host, signal?: AbortSignal): Promise<RaftProgress> {
  const log = createGunzip()
  const reader = new RaftLogReader()
  log.on('data', chunk => reader.push(chunk))
  await receive(host, raftLogCommand, log, { timeoutMs: LOG_TIMEOUT_MS, signal })
  if (reader.progress) return reader.progress
  throw new BeltError('unreadable-answer', `${host.name}: its Raft log holds no decision`, {
    host: host.name,
    hint: `belt exec ${host.name} -- ls -l /var/lib/docker/swarm/raft shows it`,
  })
}

/** Reads whether a manager needs the unlock key when it starts, which needs no leader. @throws when it cannot be read */
export async function readAutolock(host: Host, signal?: AbortSignal): Promise<boolean> {
  const { stdout } = await runChecked(host, autolockCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return stdout.trim() === 'locked'
}
