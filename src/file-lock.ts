import { randomUUID } from 'node:crypto'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { BeltError } from './errors.ts'
import { retry } from './retry.ts'

const DEADLINE_MS = 10_000
/** Locks are held for milliseconds, so an older lock was left by a process that died. */
const STALE_MS = 5_000

/**
 * Runs `work` while holding a lock on `path`, a `.lock` file next to it.
 * @throws a BeltError `file-locked` if the lock is not free within 10 s
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  await take(lock)
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string): Promise<void> {
  try {
    await retry(() => create(lock), { deadlineMs: DEADLINE_MS, everyMs: 20, retryable: isTaken })
  } catch (error) {
    if (!isTaken(error)) throw error
    throw new BeltError('file-locked', `${lock} was held by another process for ${DEADLINE_MS / 1000} s`, {
      hint: `if no other Belt is running, remove it: rm ${lock}`,
    })
  }
}

async function create(lock: string): Promise<void> {
  try {
    await (await open(lock, 'wx', 0o600)).close()
  } catch (error) {
    if (isTaken(error) && (await isStale(lock))) await removeStale(lock)
    throw error
  }
}

/** Moves the lock aside before removing it. If another process has replaced it in the meantime, its lock is restored. */
async function removeStale(lock: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`
  try {
    await rename(lock, aside)
    if (!(await isStale(aside))) await link(aside, lock)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await rm(aside, { force: true })
  }
}

async function isStale(lock: string): Promise<boolean> {
  const status = await stat(lock).catch(() => undefined)
  return status !== undefined && Date.now() - status.mtimeMs > STALE_MS
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST'
}
