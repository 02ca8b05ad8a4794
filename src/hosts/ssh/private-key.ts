import { readFile } from 'node:fs/promises'
import ssh2, { type ParsedKey } from 'ssh2'
import { type BeltError, precheckError, reasonOf } from '../../errors.ts'

const PASSPHRASE_TRIES = 3

/** A private key file: ready for use, or still encrypted. */
export type KeyFile =
  | { readonly path: string; readonly key: ParsedKey }
  | { readonly path: string; readonly key?: undefined; readonly encrypted: Buffer }

/** @throws a precheck error `key-unreadable` or `key-invalid` */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const content = await readFile(path).catch(error => {
    throw unreadable(path, error)
  })
  const key = ssh2.utils.parseKey(content)
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
    const key = ssh2.utils.parseKey(file.encrypted, await ask(file.path))
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
  return key
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
