import { statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { replaceFile } from '../../atomic-file.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { withFileLock } from '../../file-lock.ts'
import { readRegularFile } from '../../regular-file.ts'
import { type HostKey, KnownKeys, type Standing } from './known-keys.ts'

/** The minimum time between writes, so that a new fleet is written in a few batches. */
const WRITE_INTERVAL_MS = 100

type Change = (keys: KnownKeys) => void

/**
 * The host keys of a cluster, in a file in OpenSSH's format. Keys are stored under machine names, not addresses, so
 * `ssh -o UserKnownHostsFile=FILE -o HostKeyAlias=node1` can use it too. Several processes can use it at once. Every
 * method throws a BeltError `known-hosts` if the file cannot be read or written.
 */
export class KnownHosts {
  readonly path: string
  #changes: Change[] = []
  #lastWrite: Promise<unknown> = Promise.resolve()
  #lastWriteAt = Number.NEGATIVE_INFINITY
  #nextWrite: Promise<void> | undefined
  #read = { stamp: '', keys: new KnownKeys('') }
  #reading: Promise<KnownKeys> | undefined

  constructor(path: string) {
    this.path = path
  }

  /** What the file says about a name; nothing if it does not exist. */
  async standingOf(name: string): Promise<Standing> {
    return (await this.#current()).of(name)
  }

  /** The keys that a name may present. */
  async keysOf(name: string): Promise<readonly HostKey[]> {
    return (await this.standingOf(name)).trusted
  }

  /** Adds a key for a name that has none yet; resolves when it is on disk. Does not replace known keys. */
  remember(name: string, key: HostKey): Promise<void> {
    return this.#change(keys => keys.add(name, key))
  }

  /** Removes every key of these names. */
  forget(names: readonly string[]): Promise<void> {
    return this.#change(keys => keys.remove(names))
  }

  /** Shares one read of the file among concurrent callers, because hundreds of hosts ask at once. */
  #current(): Promise<KnownKeys> {
    this.#reading ??= this.#look().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #look(): Promise<KnownKeys> {
    try {
      // Synchronous, because handing this to another thread takes longer than the call itself.
      const { mtimeMs, size, ino } = statSync(this.path)
      const stamp = `${mtimeMs} ${size} ${ino}`
      if (stamp !== this.#read.stamp) this.#read = { stamp, keys: await this.#load() }
      return this.#read.keys
    } catch (error) {
      if (isMissing(error)) return new KnownKeys('')
      throw this.#failure('read', error)
    }
  }

  async #load(): Promise<KnownKeys> {
    return new KnownKeys((await readRegularFile(this.path)).toString('utf8'))
  }

  #change(change: Change): Promise<void> {
    this.#changes.push(change)
    this.#nextWrite ??= this.#write(this.#lastWrite)
    return this.#nextWrite
  }

  async #write(previous: Promise<unknown>): Promise<void> {
    await previous
    const pauseMs = this.#lastWriteAt + WRITE_INTERVAL_MS - performance.now()
    if (pauseMs > 0) await sleep(pauseMs)
    const write = this.#rewrite(this.#changes.splice(0))
    this.#nextWrite = undefined
    this.#lastWrite = write.catch(() => {})
    await write
  }

  async #rewrite(changes: Change[]): Promise<void> {
    try {
      await mkdir(dirname(this.path), { recursive: true })
      await withFileLock(this.path, async assertHeld => {
        const keys = await this.#load().catch(error => {
          if (isMissing(error)) return new KnownKeys('')
          throw error
        })
        const before = keys.toString()
        for (const change of changes) change(keys)
        if (keys.toString() === before) return
        await assertHeld()
        await replaceFile(this.path, keys.toString(), 0o600)
      })
    } catch (error) {
      throw this.#failure('write', error)
    } finally {
      this.#reading = undefined // later callers must see what was written
      this.#lastWriteAt = performance.now()
    }
  }

  #failure(verb: string, error: unknown): BeltError {
    if (error instanceof BeltError) return error
    return new BeltError('known-hosts', `cannot ${verb} the host keys in ${this.path}: ${reasonOf(error)}`, {
      hint: `check the permissions of the file and its folder, and that the disk is not full: ls -la ${dirname(this.path)}`,
      cause: error,
    })
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
