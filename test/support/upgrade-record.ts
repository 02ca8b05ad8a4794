import type { UpgradeRecord } from '../../src/domain/upgrade/record.ts'

/** What a swarm keeps of a worker whose machine is to be restarted. */
export const UPGRADE_RECORD: UpgradeRecord = {
  machine: 'node1',
  upgrade: { kind: 'reboot' },
  options: { allowOutage: false, allowDowntime: false },
  by: 'alice@laptop',
  since: '2026-11-24T09:00:00.000Z',
  all: 'node1',
  degraded: { nodes: [], services: {} },
  state: 'out',
  role: 'worker',
  availability: 'active',
}
