import { createPrivateKey, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ParsedKey } from 'ssh2'
import { type BeltError, precheckError, reasonOf } from '../../../errors.ts'
import { parseKey } from '../ssh2.ts'

const PASSPHRASE_TRIES = 3

/** What a key signs with when nothing else is agreed on; an ed25519 key brings its own. */
const DIGESTS: Record<string, string> = {
  'ssh-rsa': 'sha1',
  'ssh-dss': 'sha1',
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
}

/** A private key file: ready for use, or still encrypted. */
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
  // ssh2 tells an encrypted key apart by its message only
  if (/^Encrypted /.test(key.message)) return { path, encrypted: content }
  throw invalid(path, key.message)
}

/**
 * Makes an encrypted key usable.
 * @param ask asks for the passphrase, up to three times
 * @throws a precheck error `key-encrypted` when nobody can be asked, `key-passphrase` when no answer fits
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
    hint: `Try it with: ssh-keygen -y -f ${file.path}`,
  })
}

/** @throws a precheck error `key-invalid` when the file holds a public key */
function privatePart(path: string, parsed: ParsedKey | ParsedKey[]): ParsedKey {
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (!key?.isPrivateKey()) throw invalid(path, 'it holds a public key')
  return parsedOnce(key)
}

/** ssh2 reads the key's text anew for each signature, which takes ten times as long as the signature itself. */
function parsedOnce(key: ParsedKey): ParsedKey {
  const object = createPrivateKey(key.getPrivatePEM())
  const digest = DIGESTS[key.type] ?? null
  const signed = (data: Buffer | string, algorithm?: string): Buffer =>
    sign(algorithm ?? digest, Buffer.from(data), object)
  return Object.assign(key, { sign: signed })
}

function unreadable(path: string, error: unknown): BeltError {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
  const reason = missing ? 'there is no such file' : reasonOf(error)
  return precheckError('key-unreadable', `cannot read the private key ${path}: ${reason}`, {
    hint: 'Check ssh.private_key in the config and the rights of the file',
    cause: error,
  })
}

function invalid(path: string, reason: string): BeltError {
  return precheckError('key-invalid', `${path} is no private key that can be used: ${reason}`, {
    hint: `Name a private key in OpenSSH or PEM format; to convert one: ssh-keygen -p -f ${path}`,
  })
}

function encrypted(path: string): BeltError {
  return precheckError(
    'key-encrypted',
    `the private key ${path} is encrypted and there is no terminal to ask on`,
    {
      hint: `Load it into an agent first: ssh-add ${path}`,
    },
  )
}
