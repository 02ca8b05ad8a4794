import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Upgrade } from '../../../src/domain/upgrade/upgrade.ts'
import { BeltError } from '../../../src/errors.ts'
import { HostError } from '../../../src/hosts/errors.ts'
import type { Fleet } from '../../../src/operations/fleet.ts'
import { planUpgrade } from '../../../src/operations/upgrade/plan.ts'
import { readUpgrade } from '../../../src/operations/upgrade/records.ts'
import { abortUpgrade, resumeUpgrade } from '../../../src/operations/upgrade/resume.ts'
import { beginUpgrade } from '../../../src/operations/upgrade/run.ts'
import { FakeSite, Killed } from '../../support/fake-site.ts'

const KINDS: Upgrade[] = [
  { kind: 'size', size: '2gb' },
  { kind: 'engine', version: '23.0.1' },
  { kind: 'reboot' },
  { kind: 'command', line: 'maintain' },
]
/** Each wait takes so many times as long, which saves tries. */
const PACE = 6
/** Ten tries of what is tried each second. */
const DEADLINE = { timeoutMs: PACE * 10_000 }
/** Commands that change a node or the swarm. */
const CHANGE = /^docker node (update|promote|demote) |^maintain|--no-download|--download-only/

const anyManager = fc.nat(8)
const anySwarm = fc.record({
  // The fewer there are, the less may go wrong.
  managers: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(3, 3, 4, 5)),
  workers: fc.nat(2),
  leader: anyManager,
  lost: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, fc.array(anyManager, { maxLength: 3 })),
  availabilities: fc.array(fc.constantFrom('active', 'active', 'pause', 'drain'), {
    minLength: 9,
    maxLength: 9,
  }),
  listsUntilDemoted: fc.nat(4),
})
type Swarm = typeof anySwarm extends fc.Arbitrary<infer T> ? T : never

/** Something that befalls the swarm after so many more commands. */
const anyEvent = fc.record({
  after: fc.nat(80),
  what: fc.constantFrom('lose', 'lose', 'lose', 'return', 'return', 'fail', 'fail late', 'fail power'),
  who: anyManager,
})
type Event = typeof anyEvent extends fc.Arbitrary<infer T> ? T : never

const anyRun = fc.record({
  /** After how many changes it is killed, if it gets so far. */
  killAt: fc.option(fc.nat(80), { nil: Number.POSITIVE_INFINITY, freq: 1 }),
  allowOutage: fc.boolean(),
})
const anyFirst = fc.record({
  upgrade: fc.constantFrom(...KINDS),
  who: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8]),
})
const anyNext = fc.record({ verb: fc.constantFrom('resume', 'abort'), run: anyRun })

function siteOf({ managers, workers, leader, lost, availabilities, listsUntilDemoted }: Swarm): FakeSite {
  const site = new FakeSite(managers, workers)
  site.clock.pace = PACE
  site.swarm.listsUntilDemoted = listsUntilDemoted
  const name = (index: number) => `mg${index % managers}`
  site.swarm.change('id-mg0', { isLeader: false })
  site.swarm.change(`id-${name(leader)}`, { isLeader: true })
  for (let index = 0; index < managers; index++)
    site.swarm.change(`id-mg${index}`, { availability: availabilities[index] ?? 'active' })
  for (const index of lost) site.strike(name(index))
  return site
}

const POWER = ['shutdown', 'start', 'reboot', 'resize'] as const

/** Has events befall a swarm as commands go by. */
function befall(site: FakeSite, events: readonly Event[], managers: number): void {
  const left = [...events]
  let commands = 0
  let fault: 'fail' | 'fail late' | undefined
  const happen = ({ what, who }: Event) => {
    const name = `mg${who % managers}`
    const lost = [...site.dead]
    if (what === 'lose') site.strike(name)
    else if (what === 'return' && lost.length > 0) site.mend(lost[who % lost.length] ?? name)
    else if (what === 'fail power') for (const verb of POWER) site.driver.failNext(verb, name)
    else if (what !== 'return') fault = what
  }
  const breakDown = (name: string, line: string, when: typeof fault) => {
    if (fault !== when || !CHANGE.test(line)) return
    fault = undefined
    throw new HostError('lost', name, `${name}: the connection broke`)
  }
  site.before = (name, line) => {
    commands += 1
    while (left[0] && commands > left[0].after) {
      commands = 0
      happen(left.shift() as Event)
    }
    breakDown(name, line, 'fail')
  }
  site.after = (name, line) => breakDown(name, line, 'fail late')
}

/** What Belt does; that it fails, or is killed, is no matter here. */
async function live(doing: Promise<unknown>): Promise<void> {
  try {
    await doing
  } catch (error) {
    if (!(error instanceof BeltError || error instanceof Killed)) throw error
  }
}

async function upgrade(fleet: Fleet, what: Upgrade, words: readonly string[], allowOutage: boolean) {
  const options = { allowOutage, allowDowntime: true }
  const plan = await planUpgrade(fleet, { role: 'manager', words, upgrade: what, options, anyVersion: false })
  return beginUpgrade(fleet, plan, DEADLINE)
}

/** That the only manager goes is what --allow-outage is for. */
const lossesIn = (site: FakeSite, isOutageAllowed: boolean) =>
  site.lossesOfQuorum.filter(loss => !(isOutageAllowed && loss.startsWith('0 of 1 after')))

/** What an upgrade leaves as it was. */
const shapeOf = (site: FakeSite) =>
  site.swarm.nodes().map(({ hostname, role, availability, labels, reachability, state }) => ({
    ...{ hostname, role, availability, labels },
    // Who was lost before it has been brought back by then.
    isMember: reachability !== undefined,
    isLost: state !== 'ready' && !site.dead.has(hostname),
  }))

/** Nothing befalls the swarm any more, and all machines run. */
async function settle(site: FakeSite): Promise<void> {
  site.before = () => {}
  site.after = () => {}
  for (const name of [...site.dead]) site.mend(name)
  const machines = await site.driver.list()
  for (const { name } of machines) for (const verb of POWER) site.driver.failNext(verb, name, undefined, 0)
  await site.driver.start(machines)
}

/** Gives up what is left of the upgrade. @returns what fails in that */
async function giveUp(site: FakeSite): Promise<unknown[]> {
  const { targets } = await readUpgrade(site.fleet())
  if (targets.length === 0) return []
  return (await abortUpgrade(site.fleet(), DEADLINE)).filter(({ ok }) => !ok)
}

describe('the upgrade of managers itself, in swarms of up to nine', { timeout: 60_000 }, () => {
  it('never takes the quorum and loses no node, whatever fails, whoever is lost, and wherever it is killed', async () => {
    const property = fc.asyncProperty(
      anySwarm,
      anyFirst,
      anyRun,
      fc.array(anyEvent, { maxLength: 6 }),
      fc.array(anyNext, { maxLength: 3 }),
      async (swarm, { upgrade: what, who }, first, events, nexts) => {
        const site = siteOf(swarm)
        const before = shapeOf(site)
        befall(site, events, swarm.managers)
        const words = who.filter(index => index < swarm.managers).map(index => `mg${index}`)
        await live(upgrade(site.fleet(first.killAt), what, words, first.allowOutage))
        for (const { verb, run } of nexts) {
          const fleet = site.fleet(run.killAt)
          const change = run.allowOutage ? { allowOutage: true } : {}
          await live(
            verb === 'resume' ? resumeUpgrade(fleet, change, DEADLINE) : abortUpgrade(fleet, DEADLINE),
          )
        }
        await settle(site)
        expect(await giveUp(site)).toEqual([])
        expect(shapeOf(site)).toEqual(before)
        const isOutageAllowed = first.allowOutage || nexts.some(({ run }) => run.allowOutage)
        expect(lossesIn(site, isOutageAllowed)).toEqual([])
      },
    )
    await fc.assert(property, { numRuns: 400 })
  })

  it('would be seen to take it', async () => {
    const site = new FakeSite(3, 0)
    const fleet = site.fleet()
    const [first, second, third] = await fleet.driver.list()
    if (!first || !second || !third) throw new Error('the driver lists three')
    site.strike(third.name)
    for (let command = 0; command < 10; command++) await fleet.host(first).run({ argv: ['true'] })
    await fleet.driver.reboot?.([second])
    expect(site.lossesOfQuorum).toEqual(['1 of 3 after mg1 reboot'])
    await fleet.host(first).run({ argv: ['docker', 'node', 'demote', 'id-mg0'] })
    expect(site.lossesOfQuorum).toContain('1 of 2 would be left by: docker node demote id-mg0')
  })

  it('would not be blamed for what nobody could see coming', async () => {
    const site = new FakeSite(3, 0)
    const fleet = site.fleet()
    const [, second, third] = await fleet.driver.list()
    if (!second || !third) throw new Error('the driver lists three')
    site.strike(third.name)
    await fleet.driver.reboot?.([second])
    expect(site.lossesOfQuorum).toEqual([])
  })
})
