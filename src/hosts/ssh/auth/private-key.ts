import { createPrivateKey, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ParsedKey } from 'ssh2'
import { type BeltError, precheckError, reasonOf } from '../../../errors.ts'
import { parseKey } from '../ssh2.ts'

const PASSPHRASE_TRIES = 3

/** The default digest for each type of key. An ed25519 key has its own. */
const DIGESTS: Record<string, string> = {
  'ssh-rsa': 'sha1',
  'ssh-dss': 'sha1',
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
}

/** A private key file, either usable or still encrypted. */
export type KeyFile =
  | { readonly path: string; readonly key: ParsedKey }
  | { readonly path: string; readonly key?: undefined; readonly encrypted: Buffer }

/** @throws a precheck error `key-unreadable` or `key-invalid` */
export async function readPrivateKeyFile(path: string): Promise<KeyFile> {
  const content = await readFile(path).catch(error => {
    throw unreadable(path, error)
  })
  const key = parseKey(content)
  if (!(key instanceof Error)) return { path, key: privatePart(path, key) }
  // ssh2 reports an encrypted key only by its message.
  if (/^Encrypted /.test(key.message)) return { path, encrypted: content }
  throw invalid(path, key.message)
}

/**
 * Decrypts a key file if it is encrypted.
 * @param ask asks for the passphrase, up to three times
 * @throws a precheck error `key-encrypted` if nobody can be asked, `key-passphrase` if every answer is wrong
 */
export async function unlock(
  file: KeyFile,
  ask: ((path: string) => Promise<string>) | undefined,
): Promise<ParsedKey> {
  if (file.key) return file.key
  if (!ask) throw encrypted(file.path)
  for (let tries = 0; tries < PASSPHRASE_TRIES; tries++) {
    const key = parseKey(file.encrypted, await ask(file.path))
    if (!(key instanceof Error)) return privatePart(file.path, key)
  }
  throw precheckError('key-passphrase', `wrong passphrase for ${file.path}`, {
    hint: `To test the passphrase: ssh-keygen -y -f ${file.path}`,
  })
}

/** @throws a precheck error `key-invalid` if the file holds a public key */
function privatePart(path: string, parsed: ParsedKey | ParsedKey[]): ParsedKey {
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (!key?.isPrivateKey()) throw invalid(path, 'it is a public key')
  return parsedOnce(key)
}

/** ssh2 parses the key for each signature, which takes ten times as long as the signature itself. */
function parsedOnce(key: ParsedKey): ParsedKey {
  const object = createPrivateKey(key.getPrivatePEM())
  const digest = DIGESTS[key.type] ?? null
  const signed = (data: Buffer | string, algorithm?: string): Buffer =>
    sign(algorithm ?? digest, Buffer.from(data), object)
  return Object.assign(key, { sign: signed })
}

function unreadable(path: string, error: unknown): BeltError {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
  const reason = missing ? 'no such file' : reasonOf(error)
  return precheckError('key-unreadable', `cannot read the private key ${path}: ${reason}`, {
    hint: 'Check ssh.private_key in the config, and the permissions of the file',
    cause: error,
  })
}

function invalid(path: string, reason: string): BeltError {
  return precheckError('key-invalid', `${path} is not a usable private key: ${reason}`, {
    hint: `Use a private key in OpenSSH or PEM format. To convert one: ssh-keygen -p -f ${path}`,
  })
}

function encrypted(path: string): BeltError {
  return precheckError(
    'key-encrypted',
    `the private key ${path} is encrypted, and there is no terminal to ask for its passphrase`,
    {
      hint: `Add it to an SSH agent first: ssh-add ${path}`,
    },
  )
}
