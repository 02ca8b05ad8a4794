import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from '../../atomic-file.ts'
import type { Claim, Lease } from '../../domain/lease.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { withFileLock } from '../../file-lock.ts'
import type { LockStore } from './store.ts'

/** A lock in a file, which only those see who share the folder. */
export function localLock(path: string): LockStore {
  /** Changes the file if the lock that it holds now allows it. @returns whether it did */
  const change = (allows: (now: Lease | undefined) => boolean, write: () => Promise<void>) =>
    onDisk(path, async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      return withFileLock(path, async assertHeld => {
        if (!allows(await read(path))) return false
        await assertHeld()
        await write()
        return true
      })
    })
  const write = (claim: Claim) => replaceFile(path, `${JSON.stringify(claim)}\n`, 0o600)
  return {
    place: path,
    read: () => onDisk(path, () => read(path)),
    create: claim =>
      change(
        now => now === undefined,
        () => write(claim),
      ),
    replace: (lease, claim) =>
      change(
        now => now?.version === lease.version,
        () => write(claim),
      ),
    remove: lease =>
      change(
        now => now?.version === lease.version,
        () => rm(path),
      ),
  }
}

async function read(path: string): Promise<Lease | undefined> {
  try {
    const [text, { mtime, mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    const claim = JSON.parse(text) as Claim
    return { claim, version: `${claim.token} ${mtimeMs}`, renewedAt: mtime, readAt: new Date() }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BeltError) throw error
    throw new BeltError('lock-unusable', `the lock ${path} cannot be used: ${reasonOf(error)}`, {
      hint: `check the file and its folder: ls -ld ${path} ${dirname(path)}`,
      cause: error,
    })
  }
}
