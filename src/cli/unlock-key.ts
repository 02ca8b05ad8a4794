import { open, readFile, rm } from 'node:fs/promises'
import { replaceFile } from '../atomic-file.ts'
import { BeltError, reasonOf, usageError } from '../errors.ts'
import { parseUnlockKey } from '../remote/swarm-settings.ts'

const HINT = 'specify a new file with --unlock-key-file; only you will be able to read it'

/** Stores an unlock key in a file or shows it on the terminal, but never in a log, a pipe or JSON. */
export interface KeyKeeper {
  keep(key: string): Promise<void>
  /** Removes the file if no key was written to it. */
  close(): Promise<void>
}

/**
 * Makes sure, before anything is changed, that the key can be stored.
 * @param file a new file, because the old key is needed until every manager has the new one
 * @throws a usage error if there is neither a file nor a terminal, or if the file cannot be created
 */
export async function openKeyKeeper(
  file: string | undefined,
  terminal: { isTTY?: boolean; write(text: string): unknown },
): Promise<KeyKeeper> {
  if (file === undefined) {
    if (!terminal.isTTY)
      throw usageError('no-place-for-key', 'there is no place to store the unlock key', { hint: HINT })
    return {
      keep: async key => void terminal.write(`The unlock key, shown once:\n\n    ${key}\n\n`),
      close: async () => {},
    }
  }
  try {
    await (await open(file, 'wx', 0o600)).close()
  } catch (cause) {
    throw usageError('no-place-for-key', `cannot store the unlock key in ${file}: ${reasonOf(cause)}`, {
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
    throw new BeltError('key-not-kept', `could not write the unlock key to ${file}: ${reasonOf(cause)}`, {
      hint: 'autolock is on, and restarted managers need the key; to show it: belt docker swarm unlock-key',
      cause,
    })
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
