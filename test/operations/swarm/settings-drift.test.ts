import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { settingsDrift } from '../../../src/operations/swarm/settings-drift.ts'
import { membership } from '../../support/engine-answers.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeHost } from '../../support/fake-host.ts'

/** As engine 20.10 prints it. */
const CLUSTER = {
  ID: 'c',
  Spec: {
    CAConfig: { NodeCertExpiry: 7_776_000_000_000_000 },
    Orchestration: { TaskHistoryRetentionLimit: 5 },
  },
  DataPathPort: 4789,
  DefaultAddrPool: ['10.0.0.0/8'],
  SubnetSize: 24,
}

function manager() {
  return new FakeHost('mg0', () =>
    membership({ LocalNodeState: 'active', ControlAvailable: true, Cluster: CLUSTER }),
  )
}

const drift = (swarm: object, host = manager()) =>
  settingsDrift(
    fakeFleet(new FakeDriver(), () => host, { swarm }),
    host,
  )

describe('what differs from the swarm settings of the config', () => {
  it('is nothing, and not asked for, where the config sets nothing', async () => {
    const host = manager()
    expect(await drift({ advertise: 'public' }, host)).toEqual([])
    expect(host.requests).toEqual([])
  })

  it('is nothing where the swarm is as the config wants it', async () => {
    const swarm = {
      certificateExpiry: '2160h',
      taskHistoryLimit: 5,
      defaultAddressPools: ['10.0.0.0/8'],
      dataPathPort: 4789,
    }
    expect(await drift(swarm)).toEqual([])
  })

  it('is told with the command that changes it, or that nothing does', async () => {
    expect(
      await drift({ certificateExpiry: '720h', taskHistoryLimit: 1, defaultAddressPools: ['10.9.0.0/16'] }),
    ).toEqual([
      'swarm.cert_expiry of the config is 720h, and the swarm has 2160h: belt swarm update --cert-expiry 720h',
      'swarm.task_history_limit of the config is 1, and the swarm has 5: belt docker swarm update --task-history-limit 1',
      'swarm.default_addr_pool of the config is 10.9.0.0/16, and the swarm has 10.0.0.0/8, which cannot change once the swarm exists',
    ])
  })

  it('is not guessed where the swarm cannot be asked', async () => {
    const host = manager()
    host.down = new HostError('refused', 'mg0', 'connection refused')
    expect(await drift({ taskHistoryLimit: 1 }, host)).toEqual([
      'the swarm settings of the config could not be compared with the swarm: connection refused',
    ])
  })
})
