import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { ParsedKey } from 'ssh2'
import { parseKey } from './ssh2.ts'

/** What all keys of ssh2 inherit from. */
interface KeyPrototype {
  verify?(data: Buffer, signature: Buffer, digest?: string): boolean | Error
}

/** Any key leads to what all of them inherit from. */
const SAMPLE = `ssh-ed25519 ${Buffer.concat([Buffer.from('0000000b7373682d6564323535313900000020', 'hex'), Buffer.alloc(32)]).toString('base64')}`

/**
 * Lets ssh2 check the signature of an ed25519 host key without reading the key as text before, which takes twice as
 * long as the check itself. Where ssh2 has no such method it checks as it always does. Once for the process.
 */
export function quickenHostSignatures(): void {
  const sample = parseKey(SAMPLE)
  const prototype: KeyPrototype | undefined =
    sample instanceof Error ? undefined : Object.getPrototypeOf(sample)
  const original = prototype?.verify
  if (!prototype || typeof original !== 'function' || quickened.has(prototype)) return
  quickened.add(prototype)
  prototype.verify = function (this: ParsedKey, data, signature, digest) {
    if (this.type !== 'ssh-ed25519') return original.call(this, data, signature, digest)
    return verify(null, data, ed25519(this.getPublicSSH()), signature)
  }
}

const quickened = new WeakSet<KeyPrototype>()

/** @param wire the key's name and then its 32 bytes (RFC 8709, section 4) */
function ed25519(wire: Buffer): KeyObject {
  const x = wire.subarray(-32).toString('base64url')
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } })
}
