import { describe, expect, it } from 'vitest'
import type { ForcePlan } from '../../src/operations/recovery/plan.ts'
import { recoveryPlanText } from '../../src/ui/recovery.ts'

function planWithout(...names: string[]): ForcePlan {
  const chosen = { name: 'mg0', address: '10.0.0.1', progress: { commit: 5 } }
  const lost = names.map(name => ({ name, why: 'its machine is off', off: true }))
  return { kind: 'force', clusterId: 'c', chosen, survivors: [chosen], lost } as unknown as ForcePlan
}

describe('the plan of a recovery', () => {
  it('shows the command that starts what is off, quoted only where a shell needs it', () => {
    expect(recoveryPlanText(planWithout('mg2'))).toContain('belt start mg2\n')
    expect(recoveryPlanText(planWithout('mg1', 'mg2'))).toContain("belt start 'mg[1:2]'\n")
  })
})
