import { describe, expect, it } from 'vitest'
import type { BackupManifest } from '../../src/domain/backup-manifest.ts'
import type { Restored } from '../../src/operations/backup/restore.ts'
import type { RestorePlan } from '../../src/operations/backup/restore-plan.ts'
import { restoredText } from '../../src/ui/backup.ts'

const RESTORED: Restored = {
  node: 'mg0',
  clusterId: 'c1',
  address: '10.0.0.1',
  changed: true,
  contents: undefined,
  aside: undefined,
}

function planWith(alias: boolean): RestorePlan {
  const manifest = { node: { id: 'n0' }, managers: [{ id: 'n0' }, { id: 'n1' }] } as unknown as BackupManifest
  return { alias, manifest } as RestorePlan
}

describe('the steps after a restore', () => {
  it('give a node that borrowed an address its own by joining it anew: a demotion and a promotion keep the old one', () => {
    const text = restoredText(RESTORED, planWith(true))
    expect(text).toContain(
      'belt swarm remove mg0, belt exec mg0 -- ip addr del 10.0.0.1/32 dev lo, belt swarm join --manager MANAGER mg0\n',
    )
    expect(text).not.toContain('demote')
  })

  it('leave the address alone where it is the node’s own', () => {
    const text = restoredText(RESTORED, planWith(false))
    expect(text).not.toContain('ip addr del')
    expect(text).toContain('belt swarm remove --unreachable n1\n')
  })
})
