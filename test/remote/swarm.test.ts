import { describe, expect, it } from 'vitest'
import { parseMembership } from '../../src/remote/swarm.ts'

describe('what a host says of its membership', () => {
  it.each(['inactive', 'pending', 'active', 'locked', 'error'])('is read: %s', state => {
    expect(parseMembership(JSON.stringify({ LocalNodeState: state })).state).toBe(state)
  })

  it.each([
    '{"NodeID":"","NodeAddr":"","LocalNodeState":"","ControlAvailable":false,"Error":"","RemoteManagers":null}',
    '{"LocalNodeState":"unheard-of"}',
    '{}',
  ])('is no answer without a state that is known: %s', stdout => {
    expect(() => parseMembership(stdout)).toThrow('it tells no state that is known')
  })
})
