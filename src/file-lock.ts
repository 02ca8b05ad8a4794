import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, rm } from 'node:fs/promises'
import { BeltError } from './errors.ts'
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { retry } from './retry.ts'

const DEADLINE_MS = 10_000
/** Most locks are held for milliseconds. Nothing but its age tells about a holder on another computer or in a container. */
const FOREIGN_STALE_MS = 30_000
/** How often work is done again because its lock was lost. */
const ATTEMPTS = 5
const MAX_BYTES = 1024

interface LockOptions {
  /** How long to wait for the lock (default: 10 s). */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal | undefined
}

/** Throws if the lock was lost. To be called right before something is changed. */
type AssertHeld = () => Promise<void>

/**
 * Runs `work` while holding a lock on `path`, a `.lock` file next to it. A lock is taken over only if its process has
 * ended. This is our own code because proper-lockfile (4.1) goes by the time of the last change, so it takes the lock of a
 * process that is stopped.
 * @param work is done again, under a new lock, if its `assertHeld` finds the lock lost
 * @throws a BeltError `file-locked` if the lock is not free in time
 */
export async function withFileLock<T>(
  path: string,
  work: (assertHeld: AssertHeld) => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const lock = `${path}.lock`
  for (let attempt = 1; ; attempt += 1) {
    const text = await take(lock, options)
    try {
      return await work(() => assertHeld(lock, text))
    } catch (error) {
      const isLost = error instanceof BeltError && error.code === 'file-lock-lost'
      if (!isLost || attempt === ATTEMPTS) throw error
    } finally {
      if ((await read(lock)) === text) await rm(lock, { force: true })
    }
  }
}

async function assertHeld(lock: string, text: string): Promise<void> {
  if ((await read(lock)) === text) return
  throw new BeltError('file-lock-lost', `${lock} was removed or taken over by another process`, {
    hint: 'nothing was changed; run the command again',
  })
}

/** @returns the text of the lock, which no other lock has */
async function take(lock: string, { deadlineMs = DEADLINE_MS, signal }: LockOptions): Promise<string> {
  const text = `${JSON.stringify({ ...ownIdentity(), nonce: randomUUID() })}\n`
  try {
    await retry(() => create(lock, text), { deadlineMs, signal, everyMs: 20, retryable: isTaken })
    return text
  } catch (error) {
    if (!isTaken(error)) throw error
    throw locked(lock, holderOf(await read(lock)), deadlineMs)
  }
}

async function create(lock: string, text: string): Promise<void> {
  const file = await open(lock, 'wx', 0o600).catch(async error => {
    if (isTaken(error)) await removeIfAbandoned(lock)
    throw error
  })
  try {
    await file.writeFile(text)
  } catch (error) {
    await rm(lock, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

/**
 * Removes a lock whose holder is gone. Only one process at a time does that, so that nobody removes a lock that was taken
 * since they looked: a dead holder's lock cannot change otherwise.
 */
async function removeIfAbandoned(lock: string): Promise<void> {
  const text = await read(lock)
  if (text === undefined || !(await isAbandoned(lock, text))) return
  const removal = `${lock}.lock`
  try {
    await (await open(removal, 'wx', 0o600)).close()
  } catch (error) {
    if (!isTaken(error)) throw error
    if (await isOld(removal)) await rm(removal, { force: true })
    return
  }
  try {
    if ((await read(lock)) === text) await rm(lock, { force: true })
  } finally {
    await rm(removal, { force: true })
  }
}

async function isAbandoned(lock: string, text: string): Promise<boolean> {
  const holder = holderOf(text)
  return holder?.place === ownIdentity().place ? !isRunning(holder) : await isOld(lock)
}

/** Clocks differ and jump, so a file from the future is as old as it is far away. */
async function isOld(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined)
  return status !== undefined && Math.abs(Date.now() - status.mtimeMs) > FOREIGN_STALE_MS
}

/** @returns undefined if there is no lock; an empty text if it is being written, or is no file that Belt wrote */
async function read(lock: string): Promise<string | undefined> {
  try {
    const file = await open(lock, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : ''
  }
}

function holderOf(text: string | undefined): ProcessIdentity | undefined {
  try {
    const { place, pid, start } = JSON.parse(text ?? '')
    return typeof place === 'string' && Number.isInteger(pid) && pid > 0
      ? { place, pid, start: String(start) }
      : undefined
  } catch {
    return undefined
  }
}

function locked(lock: string, holder: ProcessIdentity | undefined, deadlineMs: number): BeltError {
  const isHere = holder?.place === ownIdentity().place
  const who = isHere ? `process ${holder.pid}` : 'another process'
  return new BeltError('file-locked', `${lock} was held by ${who} for ${deadlineMs / 1000} s`, {
    hint: isHere
      ? `let that process continue, or end it: ps -o pid,stat,args -p ${holder.pid}`
      : `if no other Belt is running, remove it: rm ${lock}`,
  })
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST'
}
