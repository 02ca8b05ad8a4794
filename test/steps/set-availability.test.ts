import { describe, expect, it } from 'vitest'
import { setAvailability } from '../../src/steps/set-availability.ts'
import { perform } from '../../src/steps/step.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'

function swarmOfTwo() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  swarm.enrol('node1', 'worker')
  const drain = () => setAvailability(swarm.host('mg0'), swarm.node('node1'), 'drain')
  return { swarm, drain }
}

const DRAIN = 'docker node update --availability drain id-node1'

describe('setAvailability', () => {
  it('changes the availability of the node through the manager', async () => {
    const { swarm, drain } = swarmOfTwo()
    expect((await drain().changes()).map(String)).toEqual(['node1: active becomes drain'])
    expect(await perform(drain())).toBe(true)
    expect(swarm.host('mg0').lines).toContain(DRAIN)
    expect(swarm.node('node1').availability).toBe('drain')
  })

  it('sends nothing if the node has this availability', async () => {
    const { swarm, drain } = swarmOfTwo()
    swarm.change('id-node1', { availability: 'drain' })
    expect(await perform(drain())).toBe(false)
    expect(swarm.host('mg0').lines).not.toContain(DRAIN)
  })

  it('fails if the availability is unchanged afterwards', async () => {
    const { swarm, drain } = swarmOfTwo()
    swarm.also = (_, line) => (line === DRAIN ? {} : undefined)
    await expect(perform(drain())).rejects.toMatchObject({ code: 'not-updated', host: 'node1' })
  })
})
