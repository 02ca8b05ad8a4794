import { describe, expect, it } from 'vitest'
import { setLabels } from '../../src/steps/set-labels.ts'
import { perform } from '../../src/steps/step.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'

function labelled(labels: Record<string, string>) {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  swarm.enrol('node1', 'worker', { labels })
  const label = (set: Record<string, string>, remove: string[] = []) =>
    setLabels(swarm.host('mg0'), swarm.node('node1'), { set: new Map(Object.entries(set)), remove })
  const updates = () => swarm.host('mg0').lines.filter(line => line.startsWith('docker node update'))
  return { swarm, label, updates }
}

describe('setLabels', () => {
  it('sets and removes labels, and keeps all others', async () => {
    const { swarm, label } = labelled({ zone: 'a', disk: 'hdd', team: 'web' })
    expect(await perform(label({ disk: 'ssd' }, ['zone']))).toBe(true)
    expect(swarm.node('node1').labels).toEqual({ disk: 'ssd', team: 'web' })
  })

  it('sends nothing if the labels are set already', async () => {
    const { label, updates } = labelled({ disk: 'ssd' })
    expect(await perform(label({ disk: 'ssd' }, ['zone']))).toBe(false)
    expect(updates()).toEqual([])
  })

  it('removes only labels that the node has, because the engine refuses others', async () => {
    const { label, updates } = labelled({ zone: 'a' })
    await perform(label({}, ['zone', 'rack']))
    expect(updates()).toEqual(['docker node update --label-rm zone id-node1'])
  })

  it('fails if the labels are unchanged afterwards', async () => {
    const { swarm, label } = labelled({})
    swarm.also = (_, line) => (line.startsWith('docker node update') ? {} : undefined)
    await expect(perform(label({ disk: 'ssd' }))).rejects.toMatchObject({ code: 'not-updated' })
  })
})
