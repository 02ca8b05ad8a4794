import { describe, expect, it } from 'vitest'
import { parseJoinToken, parseMembership } from '../../src/remote/swarm.ts'

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

describe('a join token', () => {
  it('is read without its new line', () => {
    expect(parseJoinToken('SWMTKN-1-abc\n')).toBe('SWMTKN-1-abc')
  })

  it.each(['', 'Welcome to this host\nSWMTKN-1-abc\n', 'SWMTKN-1-abc\nmore', 'abc'])(
    'is rejected, unshown, where something else was printed: %j',
    stdout => {
      expect(() => parseJoinToken(stdout)).toThrow(/^it is no join token$/)
    },
  )
})
