import { describe, expect, it } from 'vitest'
import { BeltError, ExitCode, precheckError } from '../../../src/errors.ts'
import { HostError } from '../../../src/hosts/errors.ts'
import { failureBetweenNodes, failureInPhase } from '../../../src/operations/upgrade/failure.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { UPGRADE_RECORD } from '../../support/upgrade-record.ts'

const CAUSE = new HostError('timeout', 'node1', 'node1 did not finish within 25 s: sleep 3')

describe('an upgrade that stopped', () => {
  it('shows the cause even when the machine has no address and its state cannot be read', async () => {
    const swarm = new FakeSwarm()
    swarm.enrol('mg0', 'manager')
    const node = swarm.enrol('node1', 'worker', { state: 'down', availability: 'drain' })
    const driver = new FakeDriver().with('mg0', 'node1')
    const fleet = fakeFleet(driver, name => {
      if (name === 'node1') throw new HostError('unreachable', name, 'node1 has no address')
      return swarm.host(name)
    })
    const [manager, machine] = await driver.list()
    if (!manager || !machine) throw new Error('the driver lists both')
    const target = { name: 'node1', machine, node, record: UPGRADE_RECORD }
    const error = await failureInPhase(fleet, [target], [manager], 'run', CAUSE)
    expect(error.message).toContain('node1: the upgrade stopped at "run": node1 did not finish within 25 s')
    expect(error.message).toContain('it was: worker, active')
    expect(error.message).toContain(
      'machine active; its engine says unknown (node1 has no address); the managers say down, worker, drain',
    )
    expect(error.hint).toContain('belt upgrade --resume')
  })

  it('suggests no resume when it is being aborted', async () => {
    const swarm = new FakeSwarm()
    swarm.enrol('mg0', 'manager')
    const node = swarm.enrol('node1', 'worker')
    const driver = new FakeDriver().with('mg0', 'node1')
    const [manager, machine] = await driver.list()
    if (!manager || !machine) throw new Error('the driver lists both')
    const target = { name: 'node1', machine, node, record: { ...UPGRADE_RECORD, isAborting: true } }
    const fleet = fakeFleet(driver, name => swarm.host(name))
    const { hint } = await failureInPhase(fleet, [target], [manager], 'restore', CAUSE)
    expect(hint).toContain('belt upgrade --abort continues the abort')
    expect(hint).not.toContain('--resume')
  })

  it('keeps what the cause says between two nodes, and adds how to finish the upgrade', () => {
    const cause = new BeltError('quorum', 'refused: 2 of 3 managers answer', {
      exitCode: ExitCode.quorum,
      hint: 'belt swarm status shows them',
    })
    expect(failureBetweenNodes(['mg1', 'mg2'], cause)).toMatchObject({
      code: 'quorum',
      message: 'the upgrade stopped after mg[1:2]: refused: 2 of 3 managers answer',
      hint: expect.stringMatching(/^belt swarm status shows them\nbelt upgrade --resume continues/),
      exitCode: ExitCode.quorum,
    })
  })

  it('does not claim that nothing was changed when a check stopped it', () => {
    const cause = precheckError('no-manager', 'no manager of prod answers')
    expect(failureBetweenNodes(['mg1'], cause)).toMatchObject({
      code: 'no-manager',
      exitCode: ExitCode.failed,
    })
  })
})
