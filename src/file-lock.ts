import { randomUUID } from 'node:crypto'
import { link, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { BeltError } from './errors.ts'
import { retry } from './retry.ts'

const DEADLINE_MS = 10_000
/** A holder keeps its lock fresh, so an older lock was left by a process that died. */
const STALE_MS = 5_000

interface LockOptions {
  /** How long to wait for the lock (default: 10 s). */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs `work` while holding a lock on `path`, a `.lock` file next to it, which is kept fresh meanwhile.
 * @throws a BeltError `file-locked` if the lock is not free in time
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const lock = `${path}.lock`
  await take(lock, options)
  const fresh = setInterval(() => void keepFresh(lock), STALE_MS / 4)
  try {
    return await work()
  } finally {
    clearInterval(fresh)
    await rm(lock, { force: true })
  }
}

/** A lock that somebody has removed is not missed. */
async function keepFresh(lock: string): Promise<void> {
  const now = new Date()
  await utimes(lock, now, now).catch(() => {})
}

async function take(lock: string, { deadlineMs = DEADLINE_MS, signal }: LockOptions): Promise<void> {
  try {
    await retry(() => create(lock), { deadlineMs, signal, everyMs: 20, retryable: isTaken })
  } catch (error) {
    if (!isTaken(error)) throw error
    throw new BeltError('file-locked', `${lock} was held by another process for ${deadlineMs / 1000} s`, {
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
