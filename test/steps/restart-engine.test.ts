import { describe, expect, it } from 'vitest'
import { restartEngine } from '../../src/steps/restart-engine.ts'
import { perform } from '../../src/steps/step.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'
import { FlyingClock } from '../support/flying-clock.ts'

const isRestart = (line: string) => line.includes('systemctl restart docker')

function swarmOfTwo() {
  const swarm = new FakeSwarm()
  const clock = new FlyingClock()
  for (const name of ['mg0', 'mg1']) swarm.enrol(name, 'manager')
  const onRestart = (happen: () => void) => {
    swarm.also = (_, line) => {
      if (!isRestart(line)) return undefined
      happen()
      return {}
    }
  }
  const restart = () => perform(restartEngine(swarm.host('mg1'), async () => swarm.host('mg0'), { clock }))
  return { swarm, clock, onRestart, restart }
}

describe('restartEngine', () => {
  it('waits until the managers report the node as reachable again', async () => {
    const { swarm, clock, onRestart, restart } = swarmOfTwo()
    let isBack = false
    onRestart(() => {
      swarm.change('id-mg1', { reachability: 'unreachable' })
      void clock.sleep(20_000).then(() => {
        isBack = true
        swarm.change('id-mg1', { reachability: 'reachable' })
      })
    })
    await restart()
    expect(isBack).toBe(true)
    expect(swarm.host('mg1').lines.filter(isRestart)).toHaveLength(1)
  })

  it('fails with what the host and the managers report at the deadline', async () => {
    const { swarm, onRestart, restart } = swarmOfTwo()
    onRestart(() => swarm.change('id-mg1', { reachability: 'unreachable' }))
    await expect(restart()).rejects.toMatchObject({
      code: 'engine-not-back',
      message: 'mg1 is not back in the swarm: it reports active, the managers report ready, unreachable',
    })
  })

  it('waits for the engine alone on a host in no swarm', async () => {
    const { swarm, clock, onRestart } = swarmOfTwo()
    onRestart(() => {
      swarm.deadEngines.add('spare')
      void clock.sleep(5000).then(() => swarm.deadEngines.delete('spare'))
    })
    await perform(restartEngine(swarm.host('spare'), undefined, { clock }))
    expect(swarm.deadEngines).not.toContain('spare')
  })
})
