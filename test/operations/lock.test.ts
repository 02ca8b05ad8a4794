import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ageMs, LEASE_TIMES } from '../../src/domain/lease.ts'
import { HostError } from '../../src/hosts/errors.ts'
import type { Fleet } from '../../src/operations/fleet.ts'
import { lockStatus, releaseLock, withLock, withMachinesLock } from '../../src/operations/lock.ts'
import { silentProgress } from '../../src/progress.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet, fakeLock, remembered } from '../support/fake-fleet.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'
import { FlyingClock } from '../support/flying-clock.ts'

const NAMES = ['mg0', 'mg1', 'mg2']

function swarmOf(...managers: string[]) {
  const swarm = new FakeSwarm()
  for (const name of managers) swarm.enrol(name, 'manager')
  const driver = new FakeDriver().with(...NAMES)
  const fleet = (holder: string, change: Partial<Fleet> = {}) =>
    fakeFleet(driver, name => swarm.host(name), {
      activeHost: remembered('mg0'),
      lock: fakeLock(holder),
      ...change,
    })
  return { swarm, driver, fleet }
}

/** Progress whose notes can be read. */
function noted() {
  const notes: string[] = []
  return { notes, progress: { ...silentProgress, note: (text: string) => void notes.push(text) } }
}

const labels = (swarm: FakeSwarm) => swarm.configs.labelsOf('belt-lock')

/** Work that lasts until it is told to end. */
function longWork() {
  let end = () => {}
  let begin = () => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  const begun = new Promise<void>(resolve => {
    begin = resolve
  })
  const work = () => {
    begin()
    return ended
  }
  return { work, begun, end: () => end() }
}

/** Goes on until the lock is lost. */
function aborted({ signal }: Fleet): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

describe('withLock', () => {
  it('holds the lock while it works, and no longer', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const seen = await withLock(fleet('alice@laptop'), 'belt swarm drain node1', async () => ({
      ...labels(swarm),
    }))
    expect(seen).toMatchObject({ 'belt.holder': 'alice@laptop', 'belt.command': 'belt swarm drain node1' })
    expect(labels(swarm)).toBeUndefined()
  })

  it('releases it when the work fails', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const failing = withLock(fleet('alice'), 'x', () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(labels(swarm)).toBeUndefined()
  })

  it('refuses another, and says who holds it', async () => {
    const { fleet } = swarmOf(...NAMES)
    const { work, begun, end } = longWork()
    const first = withLock(fleet('alice@laptop (ci#4211)'), 'belt swarm drain node1', work)
    await begun
    await expect(withLock(fleet('bob@desk'), 'x', async () => 'done')).rejects.toMatchObject({
      code: 'locked',
      exitCode: 6,
      message: expect.stringMatching(
        /^Locked by: alice@laptop \(ci#4211\) since \d{4}-.*\nCommand: belt swarm drain node1$/,
      ),
    })
    end()
    await first
  })

  it('lets one of many begin at a time', async () => {
    const { fleet } = swarmOf(...NAMES)
    let working = 0
    let most = 0
    const work = async () => {
      working += 1
      most = Math.max(most, working)
      await sleep(1)
      working -= 1
    }
    const waiting = { waitMs: 15_000 }
    await Promise.all(NAMES.map(name => withLock(fleet(name, { lock: fakeLock(name, waiting) }), 'x', work)))
    expect(most).toBe(1)
  })

  it('shares the lock with work within the work', async () => {
    const { fleet } = swarmOf(...NAMES)
    const outer = fleet('alice')
    expect(await withLock(outer, 'remove', inner => withLock(inner, 'drain', async () => 'done'))).toBe(
      'done',
    )
    expect(outer.lock.token.get()).toBeUndefined()
  })

  it('does not take a token for a lock that another holds', async () => {
    const { fleet } = swarmOf(...NAMES)
    const { work, begun, end } = longWork()
    const first = withLock(fleet('alice'), 'x', work)
    await begun
    const second = fleet('bob')
    second.lock.token.set('of-yesterday')
    await expect(withLock(second, 'y', async () => 'done')).rejects.toMatchObject({ code: 'locked' })
    end()
    await first
  })

  it('takes over the lock of a holder that died, once it was seen to stay unchanged', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const { work, begun, end } = longWork()
    const first = withLock(fleet('alice'), 'x', work)
    await begun
    swarm.configs.clockAheadMs = 91_000
    const clock = new FakeClock()
    const start = clock.now()
    const taking = withLock(fleet('bob', { clock }), 'y', async () => labels(swarm)?.['belt.holder'])
    expect(await clock.run(taking)).toBe('bob')
    expect(clock.now() - start).toBeGreaterThanOrEqual(LEASE_TIMES.watchMs)
    end()
    await first
  })

  it('never takes over a lock that its holder renews, however old the clocks make it look', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const clock = new FakeClock()
    const { work, begun, end } = longWork()
    const first = withLock(fleet('alice', { clock }), 'x', work)
    await begun
    swarm.configs.askedAheadMs = 100_000
    const taking = withLock(fleet('bob', { clock }), 'y', async () => 'done')
    await expect(clock.run(taking)).rejects.toMatchObject({ code: 'locked' })
    expect(labels(swarm)).toMatchObject({ 'belt.holder': 'alice' })
    end()
    await clock.run(first)
    expect(labels(swarm)).toBeUndefined()
  })

  it('takes over the lock of a dead holder that the clocks make look young, when it waits long enough', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const { work, begun, end } = longWork()
    const first = withLock(fleet('alice'), 'x', work)
    await begun
    swarm.configs.askedAheadMs = -100_000
    const clock = new FakeClock()
    const bob = fleet('bob', { clock, lock: fakeLock('bob', { waitMs: 120_000 }) })
    const taking = withLock(bob, 'y', async () => labels(swarm)?.['belt.holder'])
    expect(await clock.run(taking)).toBe('bob')
    end()
    await first
  })

  it('renews the lock as long as the work lasts', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const clock = new FakeClock()
    const lease = await withLock(fleet('alice', { clock }), 'x', async own => {
      swarm.configs.clockAheadMs = 80_000
      await clock.advance(LEASE_TIMES.renewEveryMs)
      swarm.configs.clockAheadMs = 160_000
      return (await lockStatus(own)).lease
    })
    expect(lease && ageMs(lease)).toBeLessThan(90_000)
  })

  it('stops the work when the lock cannot be renewed for so long that another may take it', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const clock = new FakeClock()
    const cutOff = withLock(fleet('alice', { clock }), 'x', async own => {
      for (const name of NAMES) swarm.lose(name, new HostError('unreachable', name, 'no route'))
      await aborted(own)
    })
    await expect(clock.run(cutOff)).rejects.toMatchObject({
      code: 'lock-lost',
      exitCode: 6,
      message: expect.stringMatching(/could not be renewed .*: no manager of prod answers \([^)]*: no route/),
    })
  })

  it('stops the work when the lock is lost, and leaves the lock to its new holder', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const clock = new FakeClock()
    const lost = withLock(fleet('alice', { clock }), 'x', async own => {
      await releaseLock(fleet('bob'), async () => {})
      await aborted(own)
    })
    await expect(clock.run(lost)).rejects.toMatchObject({ code: 'lock-lost', exitCode: 6 })
    expect(labels(swarm)).toBeUndefined()
  })

  it('goes on through another manager when the one it asked is no longer one', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    await withLock(fleet('alice'), 'x', async () =>
      swarm.lose('mg0', new HostError('unreachable', 'mg0', 'no route')),
    )
    expect(labels(swarm)).toBeUndefined()
  })

  it('releases the lock after an interruption', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const controller = new AbortController()
    const work = withLock(fleet('alice', { signal: controller.signal }), 'x', async own => {
      controller.abort(new Error('interrupted'))
      own.signal.throwIfAborted()
    })
    await expect(work).rejects.toThrow('interrupted')
    expect(labels(swarm)).toBeUndefined()
  })

  it('is in a file as long as there is no swarm', async () => {
    const { fleet } = swarmOf()
    const one = fleet('alice')
    const other = fleet('bob', { lock: fakeLock('bob', { file: one.lock.file }) })
    await withLock(one, 'belt swarm init mg0', async own => {
      expect((await lockStatus(own)).place).toBe(one.lock.file)
      await expect(withLock(other, 'y', async () => 'done')).rejects.toMatchObject({ code: 'locked' })
    })
    expect((await lockStatus(one)).lease).toBeUndefined()
  })

  it('changes nothing when the swarm cannot tell whether it is locked', async () => {
    const { swarm, fleet } = swarmOf('mg0')
    swarm.lose('mg0', new HostError('unreachable', 'mg0', 'no route'))
    const worked: string[] = []
    const work = withLock(fleet('alice'), 'x', async () => void worked.push('worked'))
    await expect(work).rejects.toMatchObject({ code: 'no-manager' })
    expect(worked).toEqual([])
  })
})

describe('withMachinesLock', () => {
  const shutDown = async ({ driver }: Fleet) => {
    await driver.shutdown?.(await driver.list())
    return 'done'
  }

  it('holds the lock of the swarm as long as that stays', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const seen = await withMachinesLock(fleet('alice'), 'belt reboot mg1', false, async () => labels(swarm))
    expect(seen).toMatchObject({ 'belt.command': 'belt reboot mg1' })
    expect(labels(swarm)).toBeUndefined()
  })

  it.each([
    ['a part of the swarm', false],
    ['all of it', true],
  ])('takes away %s only while nobody else changes it', async (_, endsSwarm) => {
    const { driver, fleet } = swarmOf(...NAMES)
    const { work, begun, end } = longWork()
    const first = withLock(fleet('alice'), 'belt upgrade managers', work)
    await begun
    await expect(withMachinesLock(fleet('bob'), 'y', endsSwarm, shutDown)).rejects.toMatchObject({
      code: 'locked',
    })
    expect(driver.calls).toEqual([])
    end()
    await first
  })

  it('leaves no lock in a swarm that ends, and keeps out who shares the folder', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const { notes, progress } = noted()
    const alice = fleet('alice', { progress })
    const bob = fleet('bob', { lock: fakeLock('bob', { file: alice.lock.file }) })
    await withMachinesLock(alice, 'belt shutdown @all', true, async own => {
      expect(labels(swarm)).toBeUndefined()
      await shutDown(own)
      await expect(withMachinesLock(bob, 'y', false, async () => {})).rejects.toMatchObject({
        code: 'locked',
      })
    })
    expect(notes).toEqual([])
  })

  it('goes on where all managers are off, and says that it keeps out few', async () => {
    const { driver, fleet } = swarmOf(...NAMES)
    const { notes, progress } = noted()
    await driver.shutdown(await driver.list())
    const start = async (own: Fleet) => own.driver.start?.(await own.driver.list())
    await withMachinesLock(fleet('alice', { progress }), 'belt start @all', false, start)
    expect(driver.calls.filter(call => call.startsWith('start'))).toHaveLength(3)
    expect(notes).toEqual([
      expect.stringMatching(/^the swarm keeps no lock now, .*mg0, mg1, mg2: switched off/),
    ])
  })

  it('goes on where the quorum is lost', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    for (const name of ['mg1', 'mg2']) swarm.lose(name, new HostError('unreachable', name, 'no route'))
    swarm.leaderless = true
    const flying = fleet('alice', { clock: new FlyingClock() })
    expect(await withMachinesLock(flying, 'belt rm @all', true, shutDown)).toBe('done')
  })

  it('ends in silence when the work has removed all machines', async () => {
    const { driver, fleet } = swarmOf(...NAMES)
    const { notes, progress } = noted()
    const remove = async () => void (await driver.destroy(await driver.list()))
    await withMachinesLock(fleet('alice', { progress }), 'belt rm @all', true, remove)
    expect([await driver.list(), notes]).toEqual([[], []])
  })
})

describe('releaseLock', () => {
  it.each([
    ['has not lapsed', 0],
    ['looks lapsed, which clocks may be the cause of', 91_000],
  ])('asks before it ends a lock that %s', async (_, clockAheadMs) => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const { work, begun, end } = longWork()
    const first = withLock(fleet('alice'), 'x', work)
    await begun
    swarm.configs.clockAheadMs = clockAheadMs
    const refuse = () => Promise.reject(new Error('cancelled'))
    await expect(releaseLock(fleet('bob'), refuse)).rejects.toThrow('cancelled')
    expect(labels(swarm)).toBeDefined()
    expect(await releaseLock(fleet('bob'), async () => {})).toMatchObject({ holder: 'alice' })
    expect(labels(swarm)).toBeUndefined()
    end()
    await first
  })

  it('leaves a lock to whoever took it over while it asked', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const dead = longWork()
    const next = longWork()
    const first = withLock(fleet('alice'), 'x', dead.work)
    await dead.begun
    swarm.configs.clockAheadMs = 91_000
    const clock = new FakeClock()
    let second = Promise.resolve()
    const takeOver = async () => {
      second = withLock(fleet('carol', { clock }), 'belt swarm drain node1', next.work)
      await clock.run(next.begun)
    }
    await expect(releaseLock(fleet('bob'), takeOver)).rejects.toMatchObject({
      code: 'lock-changed',
      exitCode: 6,
      message: "the lock was not released: it is carol's by now (belt swarm drain node1)",
    })
    expect(labels(swarm)).toMatchObject({ 'belt.holder': 'carol' })
    next.end()
    await second
    dead.end()
    await first
  })

  it('leaves a lock to a holder that renewed it meanwhile, and so lives', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const { work, begun, end } = longWork()
    const clock = new FakeClock()
    const first = withLock(fleet('alice', { clock }), 'belt swarm drain node1', work)
    await begun
    const renewed = () => clock.advance(LEASE_TIMES.renewEveryMs)
    await expect(releaseLock(fleet('bob'), renewed)).rejects.toMatchObject({
      code: 'lock-changed',
      message: expect.stringContaining(
        'alice renewed it meanwhile, and so still runs belt swarm drain node1',
      ),
    })
    expect(labels(swarm)).toMatchObject({ 'belt.holder': 'alice' })
    end()
    await first
  })

  it('has nothing to do where it was released while it asked', async () => {
    const { fleet } = swarmOf(...NAMES)
    const { work, begun, end } = longWork()
    const first = withLock(fleet('alice'), 'x', work)
    await begun
    const release = async () => {
      end()
      await first
    }
    expect(await releaseLock(fleet('bob'), release)).toBeUndefined()
  })

  it('has nothing to do where nobody holds it', async () => {
    const { fleet } = swarmOf(...NAMES)
    expect(await releaseLock(fleet('bob'), async () => {})).toBeUndefined()
  })
})
