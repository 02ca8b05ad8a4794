import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { quickenCurve25519 } from '../../../src/hosts/ssh/curve25519.ts'

/** An exchange as ssh2 has it, with its own slow way. */
class Exchange {
  readonly type: string = '25519'
  readonly _keys: { privateKey: unknown; publicKey: KeyObject } = generateKeyPairSync('x25519')
  asked = 0

  getPublicKey(): Buffer {
    this.asked++
    return raw(this._keys.publicKey)
  }

  computeSecret(_theirs: Buffer): Buffer | Error {
    return Buffer.from('as ssh2 does it')
  }
}

function quickened<T>(exchange: T): T {
  const protocol: { _kex?: T } = {}
  quickenCurve25519(protocol as object)
  protocol._kex = exchange
  return protocol._kex
}

describe('an exchange with curve25519', () => {
  it('comes to the secret of both sides, as a number, for any keys', () => {
    let [withSign, shorter] = [0, 0]
    // One secret in two has its sign bit set and one in 512 is shorter, so some thousands of keys may pass before both are seen.
    for (let count = 0; count < 500 || ((withSign === 0 || shorter === 0) && count < 20_000); count++) {
      const [ours, theirs] = [quickened(new Exchange()), new Exchange()]
      const secret = ours.computeSecret(theirs.getPublicKey()) as Buffer
      const publicKey = createPublicKey(ours._keys.privateKey as KeyObject)
      const expected = diffieHellman({ privateKey: theirs._keys.privateKey as KeyObject, publicKey })
      expect(BigInt(`0x${secret.toString('hex')}`)).toBe(BigInt(`0x${expected.toString('hex')}`))
      expect(Number(secret[0]) & 0x80).toBe(0)
      if (secret.length > 32) withSign++
      if (secret.length < 32) shorter++
    }
    expect(withSign).toBeGreaterThan(0)
    expect(shorter).toBeGreaterThan(0)
  })

  it('writes its public key as ssh2 does, without ssh2', () => {
    const exchange = quickened(new Exchange())
    expect(exchange.getPublicKey()).toEqual(raw(exchange._keys.publicKey))
    expect(exchange.getPublicKey()).toHaveLength(32)
    expect(exchange.asked).toBe(0)
  })

  it('lets ssh2 write a public key that it keeps otherwise, once', () => {
    let asked = 0
    const exchange = {
      type: '25519',
      _keys: { publicKey: 'a path' },
      getPublicKey: () => Buffer.of(++asked),
      computeSecret: () => Buffer.alloc(32),
    }
    quickened(exchange)
    expect([exchange.getPublicKey(), exchange.getPublicKey()]).toEqual([Buffer.of(1), Buffer.of(1)])
  })

  it('gives an error, as ssh2 does, for a key that is none', () => {
    expect(quickened(new Exchange()).computeSecret(Buffer.alloc(5))).toBeInstanceOf(Error)
    expect(quickened(new Exchange()).computeSecret(Buffer.alloc(32))).toBeInstanceOf(Error)
  })

  it('stays as it is where ssh2 keeps its keys otherwise, and any other exchange does', () => {
    const otherwise = Object.assign(new Exchange(), { _keys: { privateKey: 'a path' } })
    expect(quickened(otherwise).computeSecret(Buffer.alloc(32)).toString()).toBe('as ssh2 does it')
    const other = Object.assign(new Exchange(), { type: 'ecdh' })
    expect(quickened(other).computeSecret(Buffer.alloc(32)).toString()).toBe('as ssh2 does it')
    expect(quickened({ type: '25519' })).toEqual({ type: '25519' })
  })
})

function raw(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(-32)
}
