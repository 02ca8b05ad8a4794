import { describe, expect, it } from 'vitest'
import Rm from '../../src/commands/rm.ts'
import { withLock } from '../../src/operations/lock.ts'
import { silentProgress } from '../../src/progress.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet, fakeLock } from '../support/fake-fleet.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'
import { commandsOn } from '../support/run-command.ts'

/** Two managers and two workers. */
async function cluster() {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1']) swarm.enrol(name, 'manager')
  for (const name of ['node1', 'node2']) swarm.enrol(name, 'worker')
  const driver = new FakeDriver('prod').with('mg0', 'mg1', 'node1', 'node2')
  const notes: string[] = []
  const progress = { ...silentProgress, note: (text: string) => void notes.push(text) }
  const fleet = fakeFleet(driver, name => swarm.host(name), { progress })
  const names = async () => (await driver.list()).map(({ name }) => name)
  return { driver, fleet, notes, names, ...(await commandsOn(fleet)) }
}

const ALL = ['mg0', 'mg1', 'node1', 'node2']

describe('belt rm', () => {
  it('says what the swarm loses, asks, and destroys the machines', async () => {
    const { questions, notes, names, runAnswering } = await cluster()
    const { result, exitCode } = await runAnswering(true, Rm, 'node[1:2]')
    expect(questions).toEqual(['Destroy node1, node2 of prod (2 machines)?'])
    expect(notes.join()).toContain('node1, node2 will be taken out of the swarm first: drained and removed')
    expect(result).toEqual({ destroyed: ['node1', 'node2'], failed: [] })
    expect(exitCode).toBe(0)
    expect(await names()).toEqual(['mg0', 'mg1'])
  })

  it('destroys nothing if the answer is no', async () => {
    const { driver, names, runAnswering } = await cluster()
    await expect(runAnswering(false, Rm, 'node1')).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 })
    expect(driver.calls).toEqual([])
    expect(await names()).toEqual(ALL)
  })

  it('destroys nothing if nobody can be asked', async () => {
    const { names, run } = await cluster()
    await expect(run(Rm, 'node1')).rejects.toMatchObject({ code: 'confirmation-needed', exitCode: 2 })
    expect(await names()).toEqual(ALL)
  })

  it('does not ask with --yes', async () => {
    const { names, run } = await cluster()
    await run(Rm, 'node1', '--yes')
    expect(await names()).toEqual(['mg0', 'mg1', 'node2'])
  })

  it('refuses to take the quorum away, without a question', async () => {
    const { questions, names, runAnswering } = await cluster()
    await expect(runAnswering(true, Rm, 'mg1')).rejects.toMatchObject({ code: 'quorum', exitCode: 5 })
    expect(questions).toEqual([])
    expect(await names()).toEqual(ALL)
  })

  it('destroys the whole cluster if all of it is named', async () => {
    const { names, run } = await cluster()
    await run(Rm, '@all', '--yes')
    expect(await names()).toEqual([])
  })

  it('has nothing to ask if the cluster is empty', async () => {
    const { questions, run, runAnswering } = await cluster()
    await run(Rm, '@all', '--yes')
    expect(await runAnswering(true, Rm, '@all')).toEqual({
      result: { destroyed: [], failed: [] },
      exitCode: 0,
    })
    expect(questions).toEqual([])
  })

  it('exits with 4 if some machines failed', async () => {
    const { driver, run } = await cluster()
    driver.failNext('destroy', 'node2')
    expect(await run(Rm, 'node[1:2]', '--yes')).toEqual({
      result: { destroyed: ['node1'], failed: ['node2'] },
      exitCode: 4,
    })
  })

  it('refuses to guess which machines are meant', async () => {
    const { run } = await cluster()
    await expect(run(Rm)).rejects.toMatchObject({ code: 'missing-argument', exitCode: 2 })
  })

  it.each(['node1', '@all'])('destroys nothing of %s while somebody else holds the lock', async nodes => {
    const { fleet, names, run } = await cluster()
    const bob = { ...fleet, lock: fakeLock('bob@desk') }
    await withLock(bob, 'belt upgrade managers', async () => {
      await expect(run(Rm, nodes, '--yes')).rejects.toMatchObject({ code: 'locked', exitCode: 6 })
    })
    expect(await names()).toEqual(ALL)
  })
})
