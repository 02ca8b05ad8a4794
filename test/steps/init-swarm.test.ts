import { describe, expect, it } from 'vitest'
import { initSwarm } from '../../src/steps/init-swarm.ts'
import { perform } from '../../src/steps/step.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'

const init = (swarm: FakeSwarm) =>
  initSwarm(swarm.host('mg0'), { advertiseAddress: '10.0.0.1', dataPathPort: 4790 })

describe('initSwarm', () => {
  it('starts a swarm with the address and the settings it is given', async () => {
    const swarm = new FakeSwarm()
    expect((await init(swarm).changes()).map(String)).toEqual([
      'mg0 becomes the first manager, advertising 10.0.0.1',
    ])
    expect(await perform(init(swarm))).toBe(true)
    expect(swarm.host('mg0').lines).toContain(
      'docker swarm init --advertise-addr 10.0.0.1 --data-path-port 4790',
    )
  })

  it('has nothing to do on a manager', async () => {
    const swarm = new FakeSwarm()
    swarm.enrol('mg0', 'manager')
    expect(await perform(init(swarm))).toBe(false)
  })

  it.each(['active', 'pending', 'locked', 'error'] as const)(
    'refuses a host whose state is %s',
    async state => {
      const swarm = new FakeSwarm()
      swarm.set('mg0', { state, role: 'worker' })
      await expect(perform(init(swarm))).rejects.toMatchObject({ code: 'already-member', exitCode: 3 })
      expect(swarm.host('mg0').lines.join()).not.toContain('docker swarm init')
    },
  )
})
