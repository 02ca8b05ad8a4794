import { describe, expect, it } from 'vitest'
import { parseMembership } from '../../src/remote/swarm.ts'

describe('parseMembership', () => {
  it.each(['inactive', 'pending', 'active', 'locked', 'error'])('parses the state %s', state => {
    expect(parseMembership(JSON.stringify({ Swarm: { LocalNodeState: state } })).state).toBe(state)
  })

  it.each([
    '{"Swarm":{"NodeID":"","NodeAddr":"","LocalNodeState":"","ControlAvailable":false,"Error":"","RemoteManagers":null}}',
    '{"Swarm":{"LocalNodeState":"unheard-of"}}',
    '{}',
  ])('rejects an answer without a known state: %s', body => {
    expect(() => parseMembership(body)).toThrow('it reports no known state')
  })
})
