import { describe, expect, it } from 'vitest'
import { parseLabelWords } from '../../../src/domain/labels.ts'
import { labelNodes } from '../../../src/operations/swarm/label.ts'
import { joinToken } from '../../../src/operations/swarm/token.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'

async function swarmOfTwo() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  swarm.enrol('node1', 'worker', { labels: { old: 'x', kept: 'y' } })
  const fleet = fakeFleet(new FakeDriver().with('mg0', 'node1'), name => swarm.host(name))
  await fleet.activeHost.set('mg0')
  const label = async (...words: string[]) => {
    const { nodes, edit } = parseLabelWords(words)
    return labelNodes(fleet, nodes, edit)
  }
  return { swarm, fleet, label }
}

describe('labelNodes', () => {
  it('sets and removes labels at once, keeps the others, and returns what it changed', async () => {
    const { swarm, label } = await swarmOfTwo()
    expect(await label('node1', 'zone=a', 'old-')).toMatchObject([
      { host: 'node1', ok: true, value: ['zone=a', 'old removed'] },
    ])
    expect(swarm.node('node1').labels).toEqual({ kept: 'y', zone: 'a' })
  })

  it('sends nothing if the labels are already as wanted', async () => {
    const { swarm, label } = await swarmOfTwo()
    expect(await label('node1', 'kept=y', 'nosuch-')).toMatchObject([{ ok: true, value: [] }])
    expect(swarm.host('mg0').lines.filter(line => line.includes('--label'))).toEqual([])
  })
})

describe('joinToken', () => {
  it('returns the token of the role, and rotates it on request', async () => {
    const { swarm, fleet } = await swarmOfTwo()
    expect(await joinToken(fleet, 'manager', false)).toBe('SWMTKN-1-manager')
    await joinToken(fleet, 'worker', true)
    expect(swarm.host('mg0').lines).toContain('docker swarm join-token --rotate --quiet worker')
  })
})
