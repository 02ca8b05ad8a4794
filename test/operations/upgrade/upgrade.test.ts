import { describe, expect, it } from 'vitest'
import { upgradeNodes } from '../../../src/operations/upgrade/upgrade.ts'
import { FakeSite } from '../../support/fake-site.ts'

const request = (upgrade: { kind: 'command'; line: string }) => ({
  role: 'worker' as const,
  words: ['node1'],
  upgrade,
  options: { allowOutage: false, allowDowntime: false, maxUnavailable: '1' },
  anyVersion: false,
})

describe('upgradeNodes', () => {
  it('shows the plan before it does anything, and carries it out', async () => {
    const site = new FakeSite(3, 1)
    const shown: unknown[] = []
    const { plan, result } = await upgradeNodes(
      site.fleet(),
      request({ kind: 'command', line: 'maintain' }),
      { onPlan: ({ contexts }) => shown.push(contexts[0]?.name, [...site.acts]) },
    )
    expect(shown).toEqual(['node1', []])
    expect(plan.contexts).toMatchObject([{ name: 'node1' }])
    expect(result).toMatchObject({ upgraded: ['node1'], failures: [], left: [] })
    expect(site.acts).toEqual(['node1 maintain'])
  })

  it('shows no plan that a check refuses', async () => {
    const site = new FakeSite(3, 1)
    site.site('node1').freeMiB = 1
    const shown: unknown[] = []
    await expect(
      upgradeNodes(site.fleet(), request({ kind: 'command', line: 'maintain' }), {
        onPlan: plan => shown.push(plan),
      }),
    ).rejects.toMatchObject({ exitCode: 3 })
    expect({ shown, acts: site.acts }).toEqual({ shown: [], acts: [] })
  })
})
