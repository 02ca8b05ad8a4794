import { describe, expect, it } from 'vitest'
import SwarmLeave from '../../../src/commands/swarm/leave.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { commandsOn } from '../../support/run-command.ts'

/** A manager and a worker, and a machine outside the swarm. */
async function cluster() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  swarm.enrol('node1', 'worker')
  const fleet = fakeFleet(new FakeDriver('prod').with('mg0', 'node1', 'spare'), name => swarm.host(name))
  const left = () =>
    ['mg0', 'node1', 'spare'].filter(name =>
      swarm.host(name).lines.some(line => line.includes('swarm leave')),
    )
  return { left, ...(await commandsOn(fleet)) }
}

describe('belt swarm leave', () => {
  it('asks, and makes the hosts leave', async () => {
    const { left, questions, runAnswering } = await cluster()
    expect(await runAnswering(true, SwarmLeave, 'node1')).toEqual({
      result: [{ name: 'node1', changed: true }],
      exitCode: 0,
    })
    expect(questions).toEqual(['Let node1 of prod leave its swarm?'])
    expect(left()).toEqual(['node1'])
  })

  it('changes nothing if the answer is no', async () => {
    const { left, runAnswering } = await cluster()
    await expect(runAnswering(false, SwarmLeave, 'node1')).rejects.toMatchObject({ exitCode: 130 })
    expect(left()).toEqual([])
  })

  it('says in the question that the swarm ends', async () => {
    const { left, questions, runAnswering } = await cluster()
    await expect(runAnswering(false, SwarmLeave, '@all', '--force')).rejects.toMatchObject({ exitCode: 130 })
    expect(questions.join()).toContain('This ends the swarm: its services, secrets and configs are lost.')
    expect(left()).toEqual([])
  })

  it('refuses managers without --force, and without a question', async () => {
    const { left, questions, runAnswering } = await cluster()
    await expect(runAnswering(true, SwarmLeave, 'mg0')).rejects.toMatchObject({
      code: 'still-a-manager',
      exitCode: 5,
    })
    expect(questions).toEqual([])
    expect(left()).toEqual([])
  })
})
