import { createPrivateKey, sign } from 'node:crypto'
import type { ParsedKey } from 'ssh2'
import { type BeltError, precheckError, reasonOf } from '../../../errors.ts'
import { readRegularFile } from '../../../regular-file.ts'
import { parseKey } from '../ssh2.ts'
import { WireReader } from '../wire-reader.ts'
import { fromPkcs8, publicHalfOf } from './key-formats.ts'

const PASSPHRASE_TRIES = 3
const MIB = 1024 * 1024

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

/** @throws a precheck error `key-unreadable`, `key-invalid` or `key-unsupported` */
export async function readPrivateKeyFile(path: string): Promise<KeyFile> {
  const content = await readKey(path)
  const key = parsed(content)
  if (key === 'encrypted') return { path, encrypted: content }
  if (key instanceof Error) throw hardwareKey(path, content) ?? invalid(path, key.message)
  return { path, key: privatePart(path, key) }
}

/**
 * The public key that a file stands for: the one in the file with `.pub` beside it, the file itself, or the clear half of
 * a private key. As for ssh, such a file may select a key of the agent.
 */
export async function publicKeyOf(path: string): Promise<ParsedKey | undefined> {
  const beside = await readKey(`${path}.pub`).catch(() => undefined)
  const found = beside && publicPart(beside)
  if (found) return found
  const content = await readKey(path).catch(() => undefined)
  return content && publicPart(publicHalfOf(content) ?? content)
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
    const key = parsed(file.encrypted, await ask(file.path))
    if (key !== 'encrypted' && !(key instanceof Error)) return privatePart(file.path, key)
  }
  throw precheckError('key-passphrase', `wrong passphrase for ${file.path}`, {
    hint: `To test the passphrase: ssh-keygen -y -f ${file.path}`,
  })
}

function readKey(path: string): Promise<Buffer> {
  return readRegularFile(path, MIB).catch(error => {
    throw unreadable(path, error)
  })
}

function parsed(content: Buffer, passphrase?: string): ParsedKey | Error | 'encrypted' {
  const pkcs8 = fromPkcs8(content, passphrase)
  if (pkcs8 === 'encrypted') return pkcs8
  const key = parseKey(pkcs8 ?? content, pkcs8 ? undefined : passphrase)
  // ssh2 reports an encrypted key only by its message.
  if (key instanceof Error) return /^Encrypted /.test(key.message) ? 'encrypted' : key
  return firstOf(key)
}

function publicPart(content: Buffer): ParsedKey | undefined {
  const key = parsed(content)
  return key === 'encrypted' || key instanceof Error ? undefined : key
}

function firstOf(key: ParsedKey | ParsedKey[]): ParsedKey {
  return Array.isArray(key) ? (key[0] as ParsedKey) : key
}

/** @throws a precheck error `key-invalid` if the file holds a public key */
function privatePart(path: string, key: ParsedKey): ParsedKey {
  if (!key.isPrivateKey()) throw invalid(path, 'it is a public key')
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

function hardwareKey(path: string, content: Buffer): BeltError | undefined {
  const half = publicHalfOf(content)
  if (!half || !new WireReader(half).text().startsWith('sk-')) return undefined
  return precheckError('key-unsupported', `Belt's SSH library cannot use the hardware key ${path}`, {
    hint: 'Set ssh.client: openssh, or use another key in ssh.private_key',
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
