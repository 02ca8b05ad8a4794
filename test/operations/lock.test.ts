import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import type { Fleet } from '../../src/operations/fleet.ts'
import { lockStatus, releaseLock, withLock } from '../../src/operations/lock.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet, fakeLock, remembered } from '../support/fake-fleet.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'

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
  return { swarm, fleet }
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

  it('takes over the lock of a holder that died, by the clock of the managers', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const { work, begun, end } = longWork()
    const first = withLock(fleet('alice'), 'x', work)
    await begun
    swarm.configs.clockAheadMs = 91_000
    const holder = await withLock(fleet('bob'), 'y', async () => labels(swarm)?.['belt.holder'])
    expect(holder).toBe('bob')
    end()
    await first
  })

  it('renews the lock as long as the work lasts', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const before = await withLock(
      fleet('alice'),
      'x',
      async own => {
        swarm.configs.clockAheadMs = 80_000
        await sleep(60)
        swarm.configs.clockAheadMs = 160_000
        return (await lockStatus(own)).lease
      },
      5,
    )
    expect(before && before.readAt.getTime() - before.renewedAt.getTime()).toBeLessThan(90_000)
  })

  it('stops the work when the lock is lost, and leaves the lock to its new holder', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const lost = withLock(
      fleet('alice'),
      'x',
      async own => {
        await releaseLock(fleet('bob'), async () => {})
        await sleep(5000, undefined, { signal: own.signal })
      },
      5,
    )
    await expect(lost).rejects.toMatchObject({ code: 'lock-lost', exitCode: 6 })
    expect(labels(swarm)).toBeUndefined()
  })

  it('goes on through another manager when the one it asked is no longer one', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    await withLock(
      fleet('alice'),
      'x',
      async () => swarm.lose('mg0', new HostError('unreachable', 'mg0', 'no route')),
      5,
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

describe('releaseLock', () => {
  it('asks before it ends a lock that has not lapsed', async () => {
    const { swarm, fleet } = swarmOf(...NAMES)
    const { work, begun, end } = longWork()
    const first = withLock(fleet('alice'), 'x', work)
    await begun
    const refuse = () => Promise.reject(new Error('cancelled'))
    await expect(releaseLock(fleet('bob'), refuse)).rejects.toThrow('cancelled')
    expect(labels(swarm)).toBeDefined()
    swarm.configs.clockAheadMs = 91_000
    expect(await releaseLock(fleet('bob'), refuse)).toMatchObject({ holder: 'alice' })
    expect(labels(swarm)).toBeUndefined()
    end()
    await first
  })

  it('has nothing to do where nobody holds it', async () => {
    const { fleet } = swarmOf(...NAMES)
    expect(await releaseLock(fleet('bob'), async () => {})).toBeUndefined()
  })
})
