import { describe, expect, it, vi } from 'vitest'
import Create from '../../src/commands/create.ts'
import { withLock } from '../../src/operations/lock.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet, fakeLock, remembered } from '../support/fake-fleet.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'
import { commandsOn } from '../support/run-command.ts'

/** A swarm of one manager, to which machines can be added. */
async function cluster() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  swarm.also = (_, line) => (line === 'true' ? { code: 0 } : undefined)
  const driver = new FakeDriver('prod').with('mg0')
  const fleet = fakeFleet(driver, name => swarm.host(name), { activeHost: remembered('mg0') })
  const names = async () => (await driver.list()).map(({ name }) => name)
  return { driver, fleet, names, ...(await commandsOn(fleet)) }
}

describe('belt create', () => {
  it('creates the machines, and lists them', async () => {
    const { run, printed } = await cluster()
    const { result, exitCode } = await run(Create, '512mb', 'node[1:2]')
    expect(result).toMatchObject({
      machines: [{ name: 'node1' }, { name: 'node2' }],
      existing: [],
      failed: [],
    })
    expect(result).not.toHaveProperty('joined')
    expect(exitCode).toBe(0)
    expect(printed()).toContain('node2')
  })

  it('exits with 4 if some machines failed', async () => {
    const { driver, run, reported } = await cluster()
    driver.failNext('create', 'node2')
    const { result, exitCode } = await run(Create, '512mb', 'node[1:2]')
    expect(result).toMatchObject({ failed: ['node2'] })
    expect(exitCode).toBe(4)
    expect(reported()).toContain('cannot create node2')
  })

  it('exits with the code of the failure if all machines failed', async () => {
    const { driver, run } = await cluster()
    driver.failNext('create', 'node1')
    expect((await run(Create, '512mb', 'node1')).exitCode).toBe(1)
  })

  it('refuses to guess what to create', async () => {
    const { run, names } = await cluster()
    await expect(run(Create)).rejects.toMatchObject({ code: 'no-names', exitCode: 2 })
    await expect(run(Create, '512mb')).rejects.toMatchObject({ code: 'no-names', exitCode: 2 })
    expect(await names()).toEqual(['mg0'])
  })

  it('puts all machines into the one region, and spreads them over several', async () => {
    const { driver, run } = await cluster()
    const create = vi.spyOn(driver, 'create')
    await run(Create, '512mb', 'a[1:2]', '--region', 'fra')
    await run(Create, '512mb', 'b[1:2]', '--region', 'fra,ams')
    const regions = create.mock.calls.map(([specs]) => specs.map(({ region }) => region).sort())
    expect(regions).toEqual([
      ['fra', 'fra'],
      ['ams', 'fra'],
    ])
  })

  it('needs no lock', async () => {
    const { fleet, run, names } = await cluster()
    const bob = { ...fleet, lock: fakeLock('bob@desk') }
    await withLock(bob, 'belt upgrade managers', () => run(Create, '512mb', 'node1'))
    expect(await names()).toEqual(['mg0', 'node1'])
  })
})

describe('belt create --join', () => {
  it('joins the machines as workers', async () => {
    const { run, printed } = await cluster()
    const { result, exitCode } = await run(Create, '--join', 'worker', '512mb', 'node1')
    expect(result).toMatchObject({ joined: ['node1'], tokenReplaced: false, failed: [] })
    expect(exitCode).toBe(0)
    expect(printed()).toContain('node1: This node joined a swarm as a worker.\n')
  })

  it.each(['manager', 'boss'])('refuses the role %s', async role => {
    const { run, names } = await cluster()
    await expect(run(Create, '--join', role, '512mb', 'node1')).rejects.toMatchObject({
      code: 'bad-role',
      exitCode: 2,
    })
    expect(await names()).toEqual(['mg0'])
  })

  it('creates nothing while somebody else holds the lock', async () => {
    const { fleet, run, names } = await cluster()
    const bob = { ...fleet, lock: fakeLock('bob@desk') }
    await withLock(bob, 'belt upgrade managers', async () => {
      await expect(run(Create, '--join', 'worker', '512mb', 'node1')).rejects.toMatchObject({
        code: 'locked',
        exitCode: 6,
      })
    })
    expect(await names()).toEqual(['mg0'])
  })
})
