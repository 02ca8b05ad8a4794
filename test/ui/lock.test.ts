import { expect, it } from 'vitest'
import { lockLines } from '../../src/ui/lock.ts'

const claim = {
  token: 't',
  holder: 'alice@laptop',
  command: 'belt swarm drain node1',
  since: '2026-03-01T08:00:00Z',
}
const lease = (ageMs: number) => ({ claim, renewedAt: new Date(0), readAt: new Date(ageMs) })

it('tells who holds the lock, and never the token', () => {
  expect(lockLines({ place: 'the swarm', lease: lease(30_000) }).split('\n')).toEqual([
    'Locked by: alice@laptop since 2026-03-01T08:00:00Z',
    'Command: belt swarm drain node1',
    'State: renewed at 1970-01-01T00:00:00.000Z; lapses in 60 s unless it is renewed',
    'Kept in: the swarm',
    '',
  ])
})

it('tells when it has lapsed, and when there is none', () => {
  expect(lockLines({ place: 'the swarm', lease: lease(100_000) })).toContain('State: lapsed')
  expect(lockLines({ place: 'the swarm', lease: undefined })).toMatch(/^not locked/)
})
