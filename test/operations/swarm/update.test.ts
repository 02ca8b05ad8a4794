import { describe, expect, it } from 'vitest'
import { changeSettings } from '../../../src/operations/swarm/update.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'

async function swarmOfOne() {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  const fleet = fakeFleet(new FakeDriver().with('mg0'), name => swarm.host(name))
  await fleet.activeHost.set('mg0')
  const keys: string[] = []
  const update = (wanted: Parameters<typeof changeSettings>[1]) =>
    changeSettings(fleet, wanted, async key => void keys.push(key))
  const updates = () => swarm.host('mg0').lines.filter(line => line.startsWith('docker swarm update'))
  return { update, updates, keys }
}

describe('changeSettings', () => {
  it('changes what differs, and nothing when run again', async () => {
    const { update, updates } = await swarmOfOne()
    expect(await update({ certificateExpiryMs: 7_200_000 })).toEqual(['certificates last 2 h, not 2160 h'])
    expect(await update({ certificateExpiryMs: 7_200_000 })).toEqual([])
    expect(updates()).toEqual(['docker swarm update --cert-expiry 7200000ms'])
  })

  it('passes the unlock key only to the given function', async () => {
    const { update, keys } = await swarmOfOne()
    expect(await update({ autolock: true })).toEqual(['autolock is turned on'])
    expect(keys).toEqual(['SWMKEY-1-secret'])
    expect(await update({ autolock: false })).toEqual(['autolock is turned off'])
    expect(keys).toHaveLength(1)
  })

  it('refuses a certificate lifetime that is too short before it asks the engine', async () => {
    const { update, updates } = await swarmOfOne()
    await expect(update({ certificateExpiryMs: 60_000 })).rejects.toMatchObject({ exitCode: 2 })
    expect(updates()).toEqual([])
  })
})
