import { open, readFile, rm } from 'node:fs/promises'
import { replaceFile } from '../atomic-file.ts'
import { BeltError, reasonOf, usageError } from '../errors.ts'
import { parseUnlockKey } from '../remote/swarm-settings.ts'

const HINT = 'name a new file with --unlock-key-file, which only you will be able to read'

/** Where an unlock key goes: a file of the user's, or the terminal. Never a log, a pipe or JSON. */
export interface KeyKeeper {
  keep(key: string): Promise<void>
  /** Removes the file that was made for a key that never came. */
  close(): Promise<void>
}

/**
 * Makes sure, before anything is changed, that the key can be kept.
 * @param file a file that does not exist yet: an old key is needed until every manager has taken the new one
 * @throws a usage error where there is neither a file nor a terminal, or the file cannot be made
 */
export async function openKeyKeeper(
  file: string | undefined,
  terminal: { isTTY?: boolean; write(text: string): unknown },
): Promise<KeyKeeper> {
  if (file === undefined) {
    if (!terminal.isTTY)
      throw usageError('no-place-for-key', 'the unlock key has no place to go to', { hint: HINT })
    return {
      keep: async key => void terminal.write(`The unlock key, shown once:\n\n    ${key}\n\n`),
      close: async () => {},
    }
  }
  try {
    await (await open(file, 'wx', 0o600)).close()
  } catch (cause) {
    throw usageError('no-place-for-key', `the unlock key cannot be kept in ${file}: ${reasonOf(cause)}`, {
      hint: HINT,
      cause,
    })
  }
  let empty = true
  return {
    async keep(key) {
      await write(file, key)
      empty = false
    },
    async close() {
      if (empty) await rm(file, { force: true })
    },
  }
}

async function write(file: string, key: string): Promise<void> {
  try {
    await replaceFile(file, `${key}\n`, 0o600)
  } catch (cause) {
    throw new BeltError(
      'key-not-kept',
      `the unlock key could not be written to ${file}: ${reasonOf(cause)}`,
      {
        hint: 'autolock is on, and no manager starts again without the key: belt docker swarm unlock-key shows it',
        cause,
      },
    )
  }
}

/**
 * Reads an unlock key from a file of the user's.
 * @returns undefined when no file is named
 * @throws a usage error when the file cannot be read or holds no key
 */
export async function readUnlockKeyFile(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  const text = await readFile(path, 'utf8').catch(cause => {
    throw usageError('no-unlock-key', `the unlock key cannot be read: ${reasonOf(cause)}`, { cause })
  })
  const key = parseUnlockKey(text)
  if (key !== undefined) return key
  throw usageError('no-unlock-key', `${path} holds no unlock key`, { hint: 'it begins with SWMKEY-1-' })
}
