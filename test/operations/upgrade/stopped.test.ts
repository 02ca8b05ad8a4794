import { describe, expect, it } from 'vitest'
import { BeltError, ExitCode, precheckError } from '../../../src/errors.ts'
import { HostError } from '../../../src/hosts/errors.ts'
import { stoppedAt, stoppedBetween } from '../../../src/operations/upgrade/stopped.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { UPGRADE_RECORD } from '../../support/upgrade-record.ts'

const CAUSE = new HostError('timeout', 'node1', 'node1 did not finish within 25 s: sleep 3')

describe('an upgrade that stopped', () => {
  it('tells the cause, though the state of the machine cannot be asked because it has no address', async () => {
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
    const charge = { name: 'node1', machine, node, record: UPGRADE_RECORD }
    const error = await stoppedAt(fleet, [charge], [manager], 'run', CAUSE)
    expect(error.message).toContain('node1: the upgrade stopped at "run": node1 did not finish within 25 s')
    expect(error.message).toContain('it was: worker, active')
    expect(error.message).toContain(
      'machine active; to itself unknown (node1 has no address); to the managers down, worker, drain',
    )
    expect(error.hint).toContain('belt upgrade --resume')
  })

  it('is not to be resumed where it is being given up', async () => {
    const swarm = new FakeSwarm()
    swarm.enrol('mg0', 'manager')
    const node = swarm.enrol('node1', 'worker')
    const driver = new FakeDriver().with('mg0', 'node1')
    const [manager, machine] = await driver.list()
    if (!manager || !machine) throw new Error('the driver lists both')
    const charge = { name: 'node1', machine, node, record: { ...UPGRADE_RECORD, isGivenUp: true } }
    const fleet = fakeFleet(driver, name => swarm.host(name))
    const { hint } = await stoppedAt(fleet, [charge], [manager], 'restore', CAUSE)
    expect(hint).toContain('belt upgrade --abort goes on with giving it up')
    expect(hint).not.toContain('--resume')
  })

  it('tells between two nodes as well how to go on, and keeps what the cause says', () => {
    const cause = new BeltError('quorum', 'refused: 2 of 3 managers answer', {
      exitCode: ExitCode.quorum,
      hint: 'belt swarm status shows them',
    })
    expect(stoppedBetween(['mg1', 'mg2'], cause)).toMatchObject({
      code: 'quorum',
      message: 'the upgrade stopped after mg[1:2]: refused: 2 of 3 managers answer',
      hint: expect.stringMatching(/^belt swarm status shows them\nbelt upgrade --resume goes on/),
      exitCode: ExitCode.quorum,
    })
  })

  it('does not say that nothing was changed, though what stopped it is a check', () => {
    const cause = precheckError('no-manager', 'no manager of prod answers')
    expect(stoppedBetween(['mg1'], cause)).toMatchObject({ code: 'no-manager', exitCode: ExitCode.failed })
  })
})
