import { createPrivateKey } from 'node:crypto'
import { WireReader } from '../wire-reader.ts'

const OPENSSH = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END OPENSSH PRIVATE KEY-----/
const MAGIC = 'openssh-key-v1\0'
const PKCS8 = /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/

/** The public half of a private key in OpenSSH's format, where even an encrypted key has it in the clear. */
export function publicHalfOf(content: Buffer): Buffer | undefined {
  const base64 = OPENSSH.exec(content.toString('latin1'))?.[1]
  const bytes = Buffer.from(base64 ?? '', 'base64')
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined
  try {
    const reader = new WireReader(bytes, MAGIC.length)
    for (let field = 0; field < 3; field++) reader.string() // the cipher, and how the passphrase is used
    return reader.uint32() > 0 ? reader.string() : undefined
  } catch {
    return undefined
  }
}

/**
 * Rewrites an RSA or EC key in PKCS #8, the format of OpenSSL, in one that ssh2 reads.
 * @returns `encrypted` if it needs a passphrase, or another one; undefined if it is no such key
 */
export function fromPkcs8(content: Buffer, passphrase?: string): string | 'encrypted' | undefined {
  const header = PKCS8.exec(content.toString('latin1'))
  if (!header) return undefined
  const isEncrypted = header[1] !== undefined
  if (isEncrypted && passphrase === undefined) return 'encrypted'
  try {
    const key = createPrivateKey({ key: content, ...(passphrase !== undefined && { passphrase }) })
    if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString()
    if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString()
    return undefined
  } catch {
    return isEncrypted ? 'encrypted' : undefined
  }
}
