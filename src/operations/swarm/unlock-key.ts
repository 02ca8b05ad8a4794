import { open, readFile, rm } from 'node:fs/promises'
import { BeltError, reasonOf, usageError } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { readSettings } from '../../queries/swarm-settings.ts'
import { parseUnlockKey, unlockKeyCommand } from '../../remote/swarm-settings.ts'

const HINT = 'specify a new file with --unlock-key-file; only you will be able to read it'

/** Keeps an unlock key. */
export type KeepKey = (key: string) => Promise<void>

/** Where an unlock key goes: to a file or to a person, but never to a log, a pipe or JSON. */
export interface KeyPlace {
  /** A new file, because the old key is needed until every manager has the new one. */
  readonly file: string | undefined
  /** Shows the key once to a person; undefined if nobody is there. Used if there is no file. */
  readonly show: KeepKey | undefined
}

/**
 * Makes sure that an unlock key can be kept, and does work that leads to one. The file is made together with its content, so
 * that a run that is killed before, while it waits for the lock for instance, leaves none.
 * @param work is given the function that keeps the key
 * @throws a usage error before the work if there is neither a file nor a person, or if the file cannot be created
 */
export async function withKeyPlace<T>(
  { file, show }: KeyPlace,
  work: (keep: KeepKey) => Promise<T>,
): Promise<T> {
  if (file === undefined) {
    if (show) return work(show)
    throw usageError('no-place-for-key', 'there is no place to store the unlock key', { hint: HINT })
  }
  await assertCreatable(file)
  return work(key => write(file, key))
}

async function assertCreatable(file: string): Promise<void> {
  try {
    await (await open(file, 'wx', 0o600)).close()
    await rm(file)
  } catch (cause) {
    throw usageError('no-place-for-key', `cannot store the unlock key in ${file}: ${reasonOf(cause)}`, {
      hint: HINT,
      cause,
    })
  }
}

async function write(file: string, key: string): Promise<void> {
  try {
    await writeNew(file, `${key}\n`)
  } catch (cause) {
    throw new BeltError('key-not-kept', `could not write the unlock key to ${file}: ${reasonOf(cause)}`, {
      hint: 'autolock is on, and restarted managers need the key; to show it: belt docker swarm unlock-key',
      cause,
    })
  }
}

/** Writes a file that does not exist yet, or nothing. */
async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

/**
 * Reads an unlock key from a file.
 * @returns undefined if no file is given
 * @throws a usage error if the file cannot be read or contains no key
 */
export async function readUnlockKeyFile(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  const text = await readFile(path, 'utf8').catch(cause => {
    throw usageError('no-unlock-key', `cannot read the unlock key: ${reasonOf(cause)}`, { cause })
  })
  const key = parseUnlockKey(text)
  if (key !== undefined) return key
  throw usageError('no-unlock-key', `${path} contains no unlock key`, {
    hint: 'an unlock key starts with SWMKEY-1-',
  })
}

/** Reads the key that a manager needs after its restart: a secret. Undefined where the swarm has no autolock. */
export async function unlockKeyOf(manager: Host, signal: AbortSignal): Promise<string | undefined> {
  const { autolock } = await readSettings(manager, signal)
  return autolock ? readUnlockKey(manager, signal) : undefined
}

/** Reads the unlock key of a swarm with autolock: a secret. */
export async function readUnlockKey(host: Host, signal: AbortSignal): Promise<string> {
  const { stdout } = await runChecked(host, unlockKeyCommand, { signal })
  const key = parseUnlockKey(stdout)
  if (key !== undefined) return key
  throw new BeltError('no-unlock-key', `${host.name} returned no unlock key, though autolock is on`, {
    host: host.name,
    hint: 'belt docker swarm unlock-key shows it; without it no manager starts again',
  })
}
