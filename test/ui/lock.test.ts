import { expect, it } from 'vitest'
import { lockLines, releasedLine, releaseQuestion, releaseReport } from '../../src/ui/lock.ts'

const claim = {
  token: 't',
  holder: 'alice@laptop',
  command: 'belt swarm drain node1',
  since: '2026-03-01T08:00:00Z',
}
const lease = (ageMs: number) => ({ claim, version: '1', renewedAt: new Date(0), readAt: new Date(ageMs) })

it('shows who holds the lock, and never the token', () => {
  expect(lockLines({ place: 'the swarm', lease: lease(30_000) }).split('\n')).toEqual([
    'Locked by: alice@laptop since 2026-03-01T08:00:00Z',
    'Command: belt swarm drain node1',
    'State: renewed 30 s ago, if the clocks agree; the holder renews it every 20 s',
    'Stored in: the swarm',
    '',
  ])
})

it('says if the lock looks lapsed and what happens then, and if there is none', () => {
  expect(lockLines({ place: 'the swarm', lease: lease(100_000) })).toContain(
    'State: renewed 100 s ago, if the clocks agree; the holder seems to be gone; the next command takes the lock over if it is not renewed within 80 s',
  )
  expect(lockLines({ place: 'the swarm', lease: undefined })).toMatch(/^not locked/)
})

it('asks before a lock is released, with who would lose it', () => {
  expect(releaseQuestion(lease(30_000))).toBe(
    'Release the lock of alice@laptop, renewed 30 s ago, if the clocks agree, which may still be running belt swarm drain node1?',
  )
})

it('tells whose lock was released, and never the token', () => {
  expect(releasedLine(claim)).toBe('released the lock of alice@laptop (belt swarm drain node1)\n')
  expect(releaseReport(claim)).toEqual({
    released: true,
    holder: 'alice@laptop',
    command: 'belt swarm drain node1',
  })
  expect(releasedLine(undefined)).toBe('not locked\n')
  expect(releaseReport(undefined)).toEqual({ released: false })
})
