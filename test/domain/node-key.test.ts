import { describe, expect, it } from 'vitest'
import { isLocked, unlockNodeKey } from '../../src/domain/node-key.ts'
import { nodeKeys } from '../support/locked-key.ts'

describe('the key of a node with autolock', () => {
  const { locked, open, unlockKey } = nodeKeys()

  it('is told from one without', () => {
    expect([isLocked(locked), isLocked(open)]).toEqual([true, false])
  })

  it('becomes what it is without autolock, byte for byte', () => {
    expect(unlockNodeKey(locked, unlockKey)).toBe(open)
    expect(unlockNodeKey(locked.replaceAll('\n', '\r\n'), unlockKey)).toBe(open)
  })

  it('stays locked to another key', () => {
    expect(() => unlockNodeKey(locked, nodeKeys().unlockKey)).toThrow(
      'the unlock key is not the one of this backup',
    )
  })

  it.each(['', 'SWMKEY-1-', 'SWMKEY-1-abc', 'SWMTKN-1-abc'])(
    'is not opened with %j, which is no key',
    text => {
      expect(() => unlockNodeKey(locked, text)).toThrow('not a valid unlock key')
    },
  )

  it('is refused where it is no key file, or encrypted in an unknown way', () => {
    expect(() => unlockNodeKey('nothing', unlockKey)).toThrow("the node's key cannot be read")
    const fernet = locked.replace(
      /raft-dek: .*/,
      `raft-dek: ${Buffer.from([8, 2, 18, 1, 0]).toString('base64')}`,
    )
    expect(() => unlockNodeKey(fernet, unlockKey)).toThrow('uses an unknown encryption')
  })

  it('never tells a key in what it says of a failure', () => {
    expect.assertions(1)
    try {
      unlockNodeKey(locked, nodeKeys().unlockKey)
    } catch (error) {
      expect(String(error)).not.toContain('SWMKEY')
    }
  })
})
