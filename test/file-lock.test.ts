import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { withFileLock } from '../src/file-lock.ts'
import { ownIdentity } from '../src/process-identity.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

describe('withFileLock', () => {
  let folder: string
  let path: string
  let lock: string

  beforeEach(async () => {
    folder = await temporaryFolder()
    path = join(folder, 'file')
    lock = `${path}.lock`
  })

  /** How many of eight pieces of work were inside at the same time, at most. */
  const mostAtOnce = async () => {
    let inside = 0
    let most = 0
    const work = async () => {
      inside += 1
      most = Math.max(most, inside)
      await sleep(5)
      inside -= 1
    }
    await Promise.all(Array.from({ length: 8 }, () => withFileLock(path, work)))
    return most
  }

  const leaveLock = async (text: string, time = new Date()) => {
    await writeFile(lock, text)
    await utimes(lock, time, time)
  }

  const lockOf = (identity: object) => `${JSON.stringify({ ...ownIdentity(), ...identity, nonce: 'x' })}\n`

  it('lets one at a time do its work', async () => {
    expect(await mostAtOnce()).toBe(1)
  })

  it('leaves nothing behind, also when the work fails', async () => {
    await expect(withFileLock(path, () => Promise.reject(new Error('full')))).rejects.toThrow('full')
    expect(await readdir(folder)).toEqual([])
  })

  it('is waited for no longer than wanted, and not when the command is interrupted', async () => {
    await withFileLock(path, async () => {
      const impatient = withFileLock(path, async () => {}, { deadlineMs: 50 })
      await expect(impatient).rejects.toMatchObject({ code: 'file-locked' })
      const interrupted = withFileLock(path, async () => {}, { signal: AbortSignal.abort(new Error('stop')) })
      await expect(interrupted).rejects.toThrow('stop')
    })
  })

  it('waits for a process that is stopped, however long, and says which one it is', async () => {
    const holder = await holderOf(path)
    holder.kill('SIGSTOP')
    const longAgo = new Date(Date.now() - 3_600_000)
    await utimes(lock, longAgo, longAgo)
    await expect(withFileLock(path, async () => {})).rejects.toMatchObject({
      code: 'file-locked',
      message: expect.stringContaining(`process ${holder.pid}`),
    })
    holder.kill('SIGCONT')
    holder.stdin?.end()
    await withFileLock(path, async () => {})
    expect(await readdir(folder)).toEqual([])
  })

  it('takes over the lock of a process that was killed, at once and one at a time', async () => {
    const holder = await holderOf(path)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const start = performance.now()
    expect(await mostAtOnce()).toBe(1)
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(await readdir(folder)).toEqual([])
  })

  it('takes over a lock although a process died while it did the same', async () => {
    await leaveLock(lockOf({ start: '1' }))
    await writeFile(`${lock}.lock`, '')
    await utimes(`${lock}.lock`, 0, 0)
    expect(await mostAtOnce()).toBe(1)
    expect(await readdir(folder)).toEqual([])
  })

  it('takes over the lock of a process whose number another one has now', async () => {
    await leaveLock(lockOf({ start: '1' }))
    await withFileLock(path, async () => {})
  })

  it.each([
    ['from another computer', lockOf({ place: 'elsewhere' })],
    ['without a holder', ''],
  ])('takes over a lock %s that is old, or from the future', async (_, text) => {
    for (const hours of [-1, 1]) {
      await leaveLock(text, new Date(Date.now() + hours * 3_600_000))
      await withFileLock(path, async () => {})
    }
  })

  it('waits for a new lock from another computer', async () => {
    await leaveLock(lockOf({ place: 'elsewhere' }))
    await expect(withFileLock(path, async () => {})).rejects.toMatchObject({
      hint: expect.stringContaining(lock),
    })
    expect(await readFile(lock, 'utf8')).toContain('elsewhere')
  })

  it('does the work again if the lock was taken over before anything was changed', async () => {
    const changes: number[] = []
    let attempts = 0
    await withFileLock(path, async assertHeld => {
      attempts += 1
      if (attempts === 1) await leaveLock(lockOf({ start: '1' }))
      await assertHeld()
      changes.push(attempts)
    })
    expect(changes).toEqual([2])
  })

  it("does not remove another's lock when the work ends", async () => {
    const other = lockOf({ nonce: 'another' })
    await withFileLock(path, () => leaveLock(other))
    expect(await readFile(lock, 'utf8')).toBe(other)
  })

  it('does not read through a symbolic link', async () => {
    await symlink('/dev/zero', lock)
    await expect(withFileLock(path, async () => {})).rejects.toMatchObject({ code: 'file-locked' })
    await rm(lock)
  })
})

/** A process that holds the lock on a file until its input ends. */
async function holderOf(path: string): Promise<ChildProcess> {
  const script = `
    import { once } from 'node:events'
    import { withFileLock } from ${JSON.stringify(join(import.meta.dirname, '../src/file-lock.ts'))}
    await withFileLock(${JSON.stringify(path)}, async () => {
      console.log('held')
      await once(process.stdin.resume(), 'end')
    })`
  const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  return holder
}
