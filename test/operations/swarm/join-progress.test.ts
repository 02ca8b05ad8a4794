import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { JoinPace } from '../../../src/operations/swarm/join-pace.ts'
import { countJoins } from '../../../src/operations/swarm/join-progress.ts'
import { silentProgress } from '../../../src/progress.ts'
import { FakeClock } from '../../support/fake-clock.ts'

/** A progress that keeps what it is told. */
function watched() {
  const clock = new FakeClock()
  const told: string[] = []
  const tell = (text = '') => void told.push(text)
  const progress = {
    ...silentProgress,
    start: () => ({ step: tell, update: tell, fail: tell, done: tell }),
  }
  return { clock, told, fleet: { clock, progress } }
}

const joined = (host: string) => ({ host, durationMs: 1, ok: true, value: undefined }) as const

describe('the progress of joins', () => {
  it('tells how fast they go, and how many may join at once', () => {
    const { clock, told, fleet } = watched()
    const count = countJoins(fleet, 2, new JoinPace(fleet))
    clock.skip(500)
    count.answered(joined('node1'))
    clock.skip(1500)
    count.answered(joined('node2'))
    count.ended([joined('node1'), joined('node2')])
    expect(told).toEqual([
      'node1, 2.0 a second, at most 25 at once',
      'node2, 1.0 a second, at most 25 at once',
      '1.0 a second',
    ])
  })

  it('tells how many failed', () => {
    const { clock, told, fleet } = watched()
    const count = countJoins(fleet, 1)
    const error = new HostError('unreachable', 'mg1', 'silence')
    const failed = { host: 'mg1', durationMs: 1, ok: false, error } as const
    clock.skip(1000)
    count.answered(failed)
    expect(count.ended([failed])).toEqual([failed])
    expect(told).toEqual(['mg1, 1.0 a second', '1 of 1 failed, 1.0 a second'])
  })
})
