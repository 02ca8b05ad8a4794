import { createPublicKey, diffieHellman, KeyObject } from 'node:crypto'

/** What ssh2 keeps of a key exchange with curve25519. */
interface Exchange {
  readonly type?: string
  readonly _keys?: { readonly privateKey?: unknown; readonly publicKey?: unknown } | null
  generateKeys?(): void
  getPublicKey?(): Buffer
  computeSecret?(theirs: Buffer): Buffer | Error
}

/**
 * Makes a key exchange with curve25519 cheaper, which takes a fifth of the work of a login: ssh2 writes its own public
 * key as DER twice and reads the other one as DER, each of which takes longer than the curve; as a JWK it takes next to
 * nothing. Where ssh2 has not what this replaces, the exchange stays as it is.
 * @param protocol ssh2's, before its first exchange
 */
export function quickenCurve25519(protocol: object): void {
  let exchange: Exchange | undefined
  Object.defineProperty(protocol, '_kex', {
    configurable: true,
    enumerable: true,
    get: () => exchange,
    set(next: Exchange | undefined) {
      exchange = next
      if (next?.type === '25519') quicken(next)
    },
  })
}

function quicken(exchange: Exchange): void {
  const { getPublicKey, computeSecret } = exchange
  if (typeof getPublicKey !== 'function' || typeof computeSecret !== 'function') return
  let ours: Buffer | undefined
  exchange.getPublicKey = () => {
    ours ??= written(exchange) ?? getPublicKey.call(exchange)
    return ours
  }
  exchange.computeSecret = theirs => {
    const privateKey = exchange._keys?.privateKey
    if (!(privateKey instanceof KeyObject)) return computeSecret.call(exchange, theirs)
    try {
      return mpint(diffieHellman({ privateKey, publicKey: x25519(theirs) }))
    } catch (error) {
      return error as Error
    }
  }
}

function written(exchange: Exchange): Buffer | undefined {
  exchange.generateKeys?.()
  const publicKey = exchange._keys?.publicKey
  if (!(publicKey instanceof KeyObject)) return undefined
  const { x } = publicKey.export({ format: 'jwk' })
  return x === undefined ? undefined : Buffer.from(x, 'base64url')
}

function x25519(bytes: Buffer): KeyObject {
  const key = { kty: 'OKP', crv: 'X25519', x: bytes.toString('base64url') }
  return createPublicKey({ format: 'jwk', key })
}

/** The bytes of a positive number without its length (RFC 4251, section 5): no leading zeros, but for a sign. */
function mpint(bytes: Buffer): Buffer {
  const start = bytes.findIndex(byte => byte !== 0)
  const number = bytes.subarray(start)
  return Number(number[0]) & 0x80 ? Buffer.concat([Buffer.of(0), number]) : number
}
