import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withFileLock } from '../src/file-lock.ts'

describe('withFileLock', () => {
  let folder: string
  let path: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'belt-lock-'))
    path = join(folder, 'file')
  })

  afterEach(() => rm(folder, { recursive: true }))

  const leaveStaleLock = async () => {
    await writeFile(`${path}.lock`, '')
    await utimes(`${path}.lock`, new Date(0), new Date(0))
  }

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

  it('lets one at a time do its work', async () => {
    expect(await mostAtOnce()).toBe(1)
  })

  it('leaves nothing behind, also when the work fails', async () => {
    await expect(withFileLock(path, () => Promise.reject(new Error('full')))).rejects.toThrow('full')
    expect(await readdir(folder)).toEqual([])
  })

  it('is held for as long as the work takes', async () => {
    let done = false
    const long = withFileLock(path, async () => {
      await utimes(`${path}.lock`, new Date(0), new Date(0)) // as if it had been held for long
      await expect
        .poll(async () => Date.now() - (await stat(`${path}.lock`)).mtimeMs, { timeout: 10_000 })
        .toBeLessThan(2000)
      done = true
    })
    await long
    expect(done).toBe(true)
  })

  it('is waited for no longer than wanted, and not when the command is interrupted', async () => {
    await withFileLock(path, async () => {
      await expect(withFileLock(path, async () => {}, { deadlineMs: 50 })).rejects.toMatchObject({
        code: 'file-locked',
      })
      const interrupted = withFileLock(path, async () => {}, { signal: AbortSignal.abort(new Error('stop')) })
      await expect(interrupted).rejects.toThrow('stop')
    })
  })

  it('takes over the lock of a process that died, and again only one at a time', async () => {
    await leaveStaleLock()
    expect(await mostAtOnce()).toBe(1)
    expect(await readdir(folder)).toEqual([])
  })
})
