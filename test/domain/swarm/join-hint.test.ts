import { describe, expect, it } from 'vitest'
import { joinHint } from '../../../src/domain/swarm/join-hint.ts'

describe('the hint for a refused join', () => {
  it.each([
    ['--live-restore daemon configuration is incompatible with swarm mode', '"live-restore": false'],
    [
      'rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster',
      'the token was replaced',
    ],
    ['remote CA does not match fingerprint. Expected: 8a7c', 'not of the swarm at 10.0.0.1:2377'],
    ['x509: certificate has expired or is not yet valid', 'compare the clocks'],
    ['advertise address is not recognized as a system address', 'ip -4 addr'],
    [
      'rpc error: code = Unavailable desc = transport: Error while dialing: dial tcp 10.0.0.1:2377: i/o timeout',
      'check that node1 reaches 10.0.0.1:2377',
    ],
    [
      'manager stopped: could not connect to prospective new cluster member using its advertised address',
      'check that node1 reaches 10.0.0.1:2377',
    ],
    ['its engine gave up joining the swarm', 'belt --host node1 docker info'],
  ])('fits: %s', (reason, hint) => {
    expect(joinHint('node1', ['10.0.0.1:2377'], reason)).toContain(hint)
  })
})
