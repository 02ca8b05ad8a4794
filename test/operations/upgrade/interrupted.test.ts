import { describe, expect, it } from 'vitest'
import type { Upgrade } from '../../../src/domain/upgrade/upgrade.ts'
import type { Fleet } from '../../../src/operations/fleet.ts'
import { planUpgrade } from '../../../src/operations/upgrade/plan.ts'
import { readUpgrade } from '../../../src/operations/upgrade/records.ts'
import { abortUpgrade, resumeUpgrade } from '../../../src/operations/upgrade/resume.ts'
import { beginUpgrade } from '../../../src/operations/upgrade/run.ts'
import { FakeSite } from '../../support/fake-site.ts'

type Role = 'manager' | 'worker'

/** Cases that differ only in their names. */
const CASES: readonly (readonly [Role, Upgrade])[] = [
  ['manager', { kind: 'size', size: '2gb' }],
  ['manager', { kind: 'reboot' }],
  ['manager', { kind: 'command', line: 'maintain' }],
  ['manager', { kind: 'engine', version: '23.0.1' }],
  ['worker', { kind: 'size', size: '2gb' }],
  ['worker', { kind: 'reboot' }],
]
const DEADLINE = { timeoutMs: 60_000 }

async function upgrade(fleet: Fleet, role: Role, what: Upgrade) {
  const options = {
    allowOutage: false,
    allowDowntime: false,
    ...(role === 'worker' && { maxUnavailable: '2' }),
  }
  const plan = await planUpgrade(fleet, { role, words: [], upgrade: what, options, anyVersion: false })
  return beginUpgrade(fleet, plan, DEADLINE)
}

/** The state of the nodes that an upgrade must preserve. */
const shapeOf = (site: FakeSite) =>
  site.swarm.nodes().map(({ hostname, role, reachability, availability, labels, state }) => ({
    hostname,
    role,
    reachability,
    availability,
    labels,
    state,
  }))

/** A swarm in which demotions take a while, as in reality, so that Belt can be killed before one takes effect. */
function make() {
  const site = new FakeSite(3, 3)
  site.swarm.listsUntilDemoted = 8
  site.swarm.change('id-mg1', { availability: 'drain' })
  site.swarm.change('id-mg2', { availability: 'pause', labels: { zone: 'a' } })
  site.swarm.change('id-node2', { availability: 'pause' })
  return site
}

interface Killed {
  readonly killAt: number
  readonly site: FakeSite
}

/**
 * Upgrades one site after another with a Belt that is killed right before and right after each of its changes. Then another
 * operator finishes the upgrade.
 */
async function killEverywhere(
  role: Role,
  what: Upgrade,
  goOn: (other: Fleet, site: FakeSite) => Promise<unknown>,
): Promise<Killed[]> {
  const whole = make()
  await upgrade(whole.fleet(), role, what)
  return Promise.all(
    Array.from({ length: whole.events }, async (_, killAt) => {
      const site = make()
      await upgrade(site.fleet(killAt), role, what).catch(() => {})
      await goOn(site.fleet(Number.POSITIVE_INFINITY, 'bob@desk'), site)
      return { killAt, site }
    }),
  )
}

const isBegun = async (other: Fleet) => (await readUpgrade(other)).targets.length > 0

const outcomes = (sites: readonly Killed[]) =>
  sites.map(({ killAt, site }) => ({ killAt, shape: shapeOf(site), losses: site.lossesOfQuorum }))

describe.concurrent('an upgrade whose Belt is killed before or after any change', {
  timeout: 300_000,
}, () => {
  const untouched = shapeOf(make())
  const asBefore = (sites: readonly Killed[]) =>
    sites.map(({ killAt }) => ({ killAt, shape: untouched, losses: [] }))

  it.each(CASES)('is finished by another operator on all nodes: %s, %o', async (role, what) => {
    const sites = await killEverywhere(role, what, async (other, site) => {
      if (await isBegun(other)) await resumeUpgrade(other, {}, DEADLINE)
      else if (site.acts.length === 0) await upgrade(other, role, what)
    })
    expect(outcomes(sites)).toEqual(asBefore(sites))
    const prefix = role === 'manager' ? 'mg' : 'node'
    for (const { killAt, site } of sites) {
      const names = site.acts.map(act => act.split(' ')[0] ?? '')
      const all = site.swarm
        .nodes()
        .flatMap(({ hostname }) => (hostname.startsWith(prefix) ? [hostname] : []))
      expect({ killAt, upgraded: [...new Set(names)].toSorted() }).toEqual({ killAt, upgraded: all })
      if (what.kind === 'reboot') expect({ killAt, reboots: names.length }).toEqual({ killAt, reboots: 3 })
    }
  })

  it.each(CASES)('is aborted by another operator: %s, %o', async (role, what) => {
    const sites = await killEverywhere(role, what, async other => {
      if (!(await isBegun(other))) return
      const answers = await abortUpgrade(other, DEADLINE)
      expect(answers.filter(({ ok }) => !ok)).toEqual([])
    })
    expect(outcomes(sites)).toEqual(asBefore(sites))
  })
})
