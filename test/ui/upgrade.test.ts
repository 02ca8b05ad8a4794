import { describe, expect, it } from 'vitest'
import type { UpgradeRecord } from '../../src/domain/upgrade/record.ts'
import { describeUnfinished } from '../../src/ui/upgrade.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'
import { UPGRADE_RECORD } from '../support/upgrade-record.ts'

async function unfinished(record: UpgradeRecord) {
  const node = new FakeSwarm().enrol('node1', 'worker', { availability: 'drain' })
  const [machine] = await new FakeDriver().with('node1').list()
  if (!machine) throw new Error('the driver lists it')
  return describeUnfinished([{ name: 'node1', machine, node, record }])
}

describe('an upgrade that is not finished', () => {
  it('is shown with what each node was and is, and how it goes on', async () => {
    const text = await unfinished(UPGRADE_RECORD)
    expect(text).toContain('reboot, begun by alice@laptop at 2026-11-24T09:00:00.000Z')
    expect(text).toMatch(/^node1 +out +worker +active +worker +drain +ready$/m)
    expect(text).toContain('belt upgrade --resume goes on with it, belt upgrade --abort gives it up')
  })

  it('is not said to be resumed where it is being given up', async () => {
    const text = await unfinished({ ...UPGRADE_RECORD, isGivenUp: true })
    expect(text).toContain('it is being given up: belt upgrade --abort goes on with that')
    expect(text).not.toContain('--resume')
  })
})
