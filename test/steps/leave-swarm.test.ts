import { describe, expect, it } from 'vitest'
import { leaveSwarm } from '../../src/steps/leave-swarm.ts'
import { perform } from '../../src/steps/step.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'
import { FlyingClock } from '../support/flying-clock.ts'

function swarmOfTwo() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  swarm.enrol('node1', 'worker')
  const leave = (name: string, force = false) =>
    leaveSwarm(swarm.host(name), { force }, { clock: new FlyingClock() })
  return { swarm, leave }
}

describe('leaveSwarm', () => {
  it('removes a worker, whose node stays listed as down', async () => {
    const { swarm, leave } = swarmOfTwo()
    expect(await perform(leave('node1'))).toBe(true)
    expect(swarm.host('node1').lines).toContain('docker swarm leave')
    expect(swarm.nodes()).toMatchObject([{ hostname: 'mg0' }, { hostname: 'node1', state: 'down' }])
  })

  it('has nothing to do on a host in no swarm', async () => {
    const { swarm, leave } = swarmOfTwo()
    expect(await perform(leave('spare'))).toBe(false)
    expect(swarm.host('spare').lines.join()).not.toContain('leave')
  })

  it('refuses a manager unless forced', async () => {
    const { swarm, leave } = swarmOfTwo()
    await expect(perform(leave('mg0'))).rejects.toMatchObject({ code: 'still-a-manager', exitCode: 5 })
    expect(swarm.host('mg0').lines.join()).not.toContain('leave')
    await perform(leave('mg0', true))
    expect(swarm.host('mg0').lines).toContain('docker swarm leave --force')
  })

  it('sends nothing if the membership cannot be read', async () => {
    const { swarm, leave } = swarmOfTwo()
    swarm.deadEngines.add('node1')
    await expect(perform(leave('node1'))).rejects.toThrow()
    expect(swarm.host('node1').lines.join()).not.toContain('leave')
  })

  it('fails if the host is still a member at the deadline', async () => {
    const { swarm, leave } = swarmOfTwo()
    swarm.also = (_, line) => (line.startsWith('docker swarm leave') ? {} : undefined)
    await expect(perform(leave('node1'))).rejects.toMatchObject({ code: 'leave-incomplete' })
  })
})
