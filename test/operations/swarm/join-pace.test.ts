import { describe, expect, it } from 'vitest'
import { JoinPace } from '../../../src/operations/swarm/join-pace.ts'
import { silentProgress } from '../../../src/progress.ts'
import { FakeClock } from '../../support/fake-clock.ts'

function pace() {
  const clock = new FakeClock()
  const notes: string[] = []
  const progress = { ...silentProgress, note: (text: string) => void notes.push(text) }
  return { clock, notes, pace: new JoinPace({ clock, progress }) }
}

describe('the pace of joins', () => {
  it('halves when a join is late', async () => {
    const { notes, pace: joins } = pace()
    await joins.through(async late => late())
    expect(joins.atOnce).toBe(12)
    expect(notes).toEqual([
      'a join was late: the managers are busy, so at most 12 machines join at once from now on',
    ])
  })

  it('halves when the managers take longer than 5 s to list the nodes', async () => {
    const { clock, notes, pace: joins } = pace()
    await joins.timed(async () => clock.skip(5000))
    expect(joins.atOnce).toBe(25)
    await joins.timed(async () => clock.skip(6200))
    expect(joins.atOnce).toBe(12)
    expect(notes).toEqual([
      'the list of nodes took 6.2 s: the managers are busy, so at most 12 machines join at once from now on',
    ])
  })

  it('halves when the nodes cannot be listed, and passes the failure on', async () => {
    const { pace: joins } = pace()
    const fail = async () => {
      throw new Error('no leader')
    }
    await expect(joins.timed(fail)).rejects.toThrow('no leader')
    expect(joins.atOnce).toBe(12)
  })

  it('lets no more through than it allows', async () => {
    const { pace: joins } = pace()
    let running = 0
    let most = 0
    const join = async () => {
      running += 1
      most = Math.max(most, running)
      await Promise.resolve()
      running -= 1
    }
    await Promise.all(Array.from({ length: 60 }, () => joins.through(join)))
    expect(most).toBe(25)
  })
})
