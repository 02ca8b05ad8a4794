import { describe, expect, it } from 'vitest'
import type { UpgradeRecord } from '../../src/domain/upgrade/record.ts'
import { BeltError } from '../../src/errors.ts'
import type { Answer } from '../../src/hosts/fan-out.ts'
import {
  abortAsJson,
  describeUnfinishedUpgrade,
  plannedSteps,
  restoredLines,
  resultAsJson,
  unfinishedAsJson,
} from '../../src/ui/upgrade.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'
import { UPGRADE_RECORD } from '../support/upgrade-record.ts'

async function targetsWith(record: UpgradeRecord) {
  const node = new FakeSwarm().enrol('node1', 'worker', { availability: 'drain' })
  const [machine] = await new FakeDriver().with('node1').list()
  if (!machine) throw new Error('the driver lists it')
  return [{ name: 'node1', machine, node, record }]
}

describe('an unfinished upgrade', () => {
  it('is shown with what each node was and is, and how to finish it', async () => {
    const text = describeUnfinishedUpgrade(await targetsWith(UPGRADE_RECORD))
    expect(text).toContain('reboot, started by alice@laptop at 2026-11-24T09:00:00.000Z')
    expect(text).toMatch(/^node1 +out +worker +active +worker +drain +ready$/m)
    expect(text).toContain('to continue: belt upgrade --resume; to abort: belt upgrade --abort')
  })

  it('does not suggest a resume when it is being aborted', async () => {
    const text = describeUnfinishedUpgrade(await targetsWith({ ...UPGRADE_RECORD, isAborting: true }))
    expect(text).toContain('to continue aborting it: belt upgrade --abort')
    expect(text).not.toContain('--resume')
  })

  it('is a document with the documented keys', async () => {
    const degraded = { nodes: ['id-node2'], services: { web: 1 } }
    const targets = await targetsWith({ ...UPGRADE_RECORD, degraded, boot: 'boot-1' })
    const { degraded: _, ...others } = UPGRADE_RECORD
    expect(JSON.parse(JSON.stringify(unfinishedAsJson(targets)))).toEqual([
      { ...others, ailing: degraded, boot: 'boot-1' },
    ])
  })

  it('is a document that tells of an abort', async () => {
    const [first] = unfinishedAsJson(await targetsWith({ ...UPGRADE_RECORD, isAborting: true }))
    expect(first).toMatchObject({ machine: 'node1', isGivenUp: true })
    expect(first).not.toHaveProperty('isAborting')
  })
})

describe('the plan of an upgrade', () => {
  it('names the engines to hold, then the steps of each node', async () => {
    const [target] = await targetsWith(UPGRADE_RECORD)
    if (!target) throw new Error('there is a target')
    const context = {
      upgrade: { kind: 'size', size: '16gb' },
      role: 'worker',
      availability: 'active',
      takeOutMode: 'none',
      isReturning: false,
    } as const
    const plan = {
      unheld: [{ ...target, unreachable: undefined }],
      contexts: [{ name: 'node2', context }],
    }
    expect(plannedSteps(plan)).toEqual([
      { name: 'node1', steps: ['hold the engine'] },
      {
        name: 'node2',
        steps: [
          'drain',
          'shut down',
          'resize to 16gb',
          'start',
          'wait until it is back',
          'set to active again',
        ],
      },
    ])
  })
})

describe('the result of an upgrade', () => {
  it('is a document that names the nodes', () => {
    const failures = [{ host: 'node2', durationMs: 5, ok: false, error: new Error('lost') }] as never
    expect(resultAsJson({ upgraded: ['node1'], failures, left: ['node3'] })).toEqual({
      upgraded: ['node1'],
      failed: ['node2'],
      left: ['node3'],
    })
  })

  it('names the nodes that an abort has restored', () => {
    const error = new BeltError('timeout', 'mg2 did not come back')
    const answers: Answer<void>[] = [
      { host: 'mg1', durationMs: 1, ok: true, value: undefined },
      { host: 'mg2', durationMs: 1, ok: false, error },
    ]
    expect(restoredLines(answers)).toBe(
      'mg1: role and availability are as before; what was installed stays\n',
    )
    expect(abortAsJson(answers)).toEqual({ restored: ['mg1'], failed: ['mg2'] })
  })
})
