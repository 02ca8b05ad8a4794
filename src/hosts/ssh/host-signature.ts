import { createPublicKey, verify } from 'node:crypto'
import keys from 'ssh2/lib/protocol/keyParser.js'

/** The name of the key is read already: the length of its 32 bytes, and these (RFC 8709, section 4). */
const LENGTH = 4
const BYTES = 32

/*
 * Lets ssh2 check the signature of an ed25519 host key without writing the key as text and reading it again, which takes
 * longer than the check itself. It is put in place before ssh2's key exchange is loaded, which takes it from there; where
 * ssh2 has no such function, or for other keys, it checks as it always does.
 */
const { parseDERKey } = keys
if (typeof parseDERKey === 'function') {
  keys.parseDERKey = (key, type) =>
    type === 'ssh-ed25519' && key.length === LENGTH + BYTES ? ed25519(key) : parseDERKey(key, type)
}

function ed25519(key: Buffer) {
  return {
    verify(data: Buffer, signature: Buffer): boolean | Error {
      try {
        const x = key.subarray(LENGTH).toString('base64url')
        const jwk = { kty: 'OKP', crv: 'Ed25519', x }
        return verify(null, data, createPublicKey({ format: 'jwk', key: jwk }), signature)
      } catch (error) {
        return error as Error
      }
    },
  }
}
