import { describe, expect, it } from 'vitest'
import type { Upgrade } from '../../../src/domain/upgrade/upgrade.ts'
import { planUpgrade } from '../../../src/operations/upgrade/plan.ts'
import { resumeUpgrade } from '../../../src/operations/upgrade/resume.ts'
import { beginUpgrade } from '../../../src/operations/upgrade/run.ts'
import { FakeSite } from '../../support/fake-site.ts'

const MAINTAIN: Upgrade = { kind: 'command', line: 'maintain' }
const SHORT = { timeoutMs: 5000 }

function plan(site: FakeSite, words: string[], maxUnavailable: string) {
  const options = { allowOutage: false, allowDowntime: false, maxUnavailable }
  return planUpgrade(site.fleet(), { role: 'worker', words, upgrade: MAINTAIN, options, anyVersion: false })
}

/** Counts the unavailable workers whenever one of them is upgraded. */
function watch(site: FakeSite): number[] {
  const out: number[] = []
  site.before = (_, line) => {
    if (!line.startsWith('maintain')) return
    const workers = site.swarm.nodes().filter(({ role }) => role === 'worker')
    out.push(
      workers.filter(({ availability, state }) => availability !== 'active' || state !== 'ready').length,
    )
  }
  return out
}

describe('the limit of unavailable workers', () => {
  it('counts workers that were drained or paused before the upgrade', async () => {
    const site = new FakeSite(3, 6)
    site.swarm.change('id-node5', { availability: 'drain' })
    site.swarm.change('id-node6', { availability: 'pause' })
    const out = watch(site)
    await beginUpgrade(site.fleet(), await plan(site, ['node[1:2]'], '3'), SHORT)
    expect(out).toEqual([3, 3])
  })

  it('refuses an upgrade when it is reached already, and names the workers', async () => {
    const site = new FakeSite(3, 6)
    site.swarm.change('id-node4', { availability: 'drain' })
    site.swarm.change('id-node5', { availability: 'pause' })
    site.down('node6')
    await expect(plan(site, ['node[1:3]'], '50%')).rejects.toMatchObject({
      code: 'no-budget',
      exitCode: 3,
      message:
        '3 of 6 workers may be unavailable at once (--max-unavailable 50%), and these already are: node4 (drained), node5 (paused), node6 (down)',
      hint: expect.stringContaining('--max-unavailable 4'),
    })
  })

  it('leaves room for a drained worker that is upgraded itself', async () => {
    const site = new FakeSite(3, 4)
    for (const name of ['node3', 'node4']) site.swarm.change(`id-${name}`, { availability: 'drain' })
    const out = watch(site)
    const result = await beginUpgrade(site.fleet(), await plan(site, ['node[3:4]'], '1'), SHORT)
    expect(result).toMatchObject({ upgraded: ['node3', 'node4'], failures: [] })
    expect(out).toEqual([2, 2])
    expect(site.swarm.node('node3').availability).toBe('drain')
  })

  it('is checked before each wave: the upgrade stops when others were drained meanwhile, and resumes with another limit', async () => {
    const site = new FakeSite(3, 3)
    const planned = await plan(site, ['node[1:2]'], '1')
    site.before = (_, line) => {
      if (line.startsWith('maintain')) site.swarm.change('id-node3', { availability: 'drain' })
    }
    await expect(beginUpgrade(site.fleet(), planned, SHORT)).rejects.toMatchObject({
      code: 'no-budget',
      exitCode: 1,
      message: expect.stringMatching(
        /^the upgrade stopped after node1: 1 of 3 .* already are: node3 \(drained\)$/,
      ),
      hint: expect.stringContaining('belt upgrade --resume'),
    })
    expect(site.swarm.node('node2').availability).toBe('active')
    const resumed = await resumeUpgrade(site.fleet(), { maxUnavailable: '2' }, SHORT)
    expect(resumed).toMatchObject({ upgraded: ['node2'], failures: [] })
  })
})
