import { describe, expect, it } from 'vitest'
import { parseMembership } from '../../src/remote/swarm.ts'

describe('what a host says of its membership', () => {
  it.each(['inactive', 'pending', 'active', 'locked', 'error'])('is read: %s', state => {
    expect(parseMembership(JSON.stringify({ Swarm: { LocalNodeState: state } })).state).toBe(state)
  })

  it.each([
    '{"Swarm":{"NodeID":"","NodeAddr":"","LocalNodeState":"","ControlAvailable":false,"Error":"","RemoteManagers":null}}',
    '{"Swarm":{"LocalNodeState":"unheard-of"}}',
    '{}',
  ])('is rejected without a known state: %s', body => {
    expect(() => parseMembership(body)).toThrow('it reports no known state')
  })
})
