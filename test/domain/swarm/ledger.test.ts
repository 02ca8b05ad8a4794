import { describe, expect, it } from 'vitest'
import {
  type HostReading,
  type LedgerClass,
  type LedgerInput,
  type LedgerNode,
  ledgerOf,
} from '../../../src/domain/swarm/ledger.ts'

const member: HostReading = {
  kind: 'read',
  state: 'active',
  nodeId: 'n1',
  clusterId: undefined,
  isManager: false,
}
const outside: HostReading = { ...member, state: 'inactive', nodeId: undefined }
const unread: HostReading = { kind: 'unread', reason: 'connection refused' }
const node: LedgerNode = {
  id: 'n1',
  hostname: 'node1',
  role: 'worker',
  state: 'ready',
  reachability: undefined,
}

function ledger(host: HostReading, nodes: LedgerInput['nodes'], likelyNodeId?: string) {
  return ledgerOf({
    machines: [{ name: 'node1', host, likelyNodeId }],
    nodes,
    clusterId: 'ours',
    manager: 'mg0',
  })
}

describe('ledgerOf', () => {
  it.each<[string, HostReading, LedgerNode[] | undefined, LedgerClass, string | RegExp | undefined]>([
    ['a member that all agree on', member, [node], 'ok', undefined],
    ['a host outside the swarm', outside, [], 'unjoined', 'belt swarm join mg0 node1'],
    [
      'a host that the managers removed',
      { ...member, clusterId: 'ours' },
      [],
      'unjoined',
      'belt swarm join mg0 node1',
    ],
    [
      'a manager that was given up and came back',
      { ...member, state: 'pending', clusterId: 'ours', isManager: true },
      [],
      'unjoined',
      'belt swarm leave node1 --force, then belt swarm join mg0 node1',
    ],
    ['a host of another swarm', { ...member, clusterId: 'theirs' }, [], 'wrong-swarm', /leave node1$/],
    ['a host whose swarm is not known', member, [], 'unknown', /docker info/],
    [
      'a promotion that did not happen',
      member,
      [{ ...node, role: 'manager' }],
      'wrong-role',
      'belt swarm promote node1',
    ],
    [
      'a demotion that did not happen',
      { ...member, isManager: true },
      [node],
      'wrong-role',
      'belt swarm demote node1',
    ],
    [
      'a name borne twice',
      member,
      [node, { ...node, id: 'n2' }],
      'duplicate-hostname',
      'belt hostname node1',
    ],
    ['a namesake that is down', member, [node, { ...node, id: 'n2', state: 'down' }], 'ok', undefined],
    [
      'a node that the managers do not see',
      member,
      [{ ...node, state: 'down' }],
      'unreachable',
      /docker info/,
    ],
    [
      'a host whose certificate has expired',
      { ...member, state: 'error', clusterId: 'ours', expired: { at: new Date('2026-03-01T10:00:00Z') } },
      [{ ...node, state: 'down' }],
      'expired',
      'belt swarm leave node1, then belt swarm join mg0 node1',
    ],
    [
      'a manager that advertises an address that it has no more',
      { ...member, isManager: true, lostAddress: '10.0.0.9' },
      [{ ...node, role: 'manager', reachability: 'unreachable' }],
      'wrong-address',
      'give it that address back, or: belt swarm remove node1, then belt swarm join --manager mg0 node1',
    ],
    ['a locked host', { ...member, state: 'locked' }, [], 'unreachable', /unlock/],
    ['a member while no manager lists the nodes', member, undefined, 'unknown', undefined],
    ['a host that cannot be read', unread, [], 'unreachable', 'belt ssh node1'],
  ])('%s', (_, host, nodes, kind, mend) => {
    const row = ledger(host, nodes)[0]
    expect(row?.class).toBe(kind)
    if (mend instanceof RegExp) expect(row?.mend).toMatch(mend)
    else expect(row?.mend).toBe(mend)
  })

  it('offers to remove a node whose host cannot be read only when the managers see it as down', () => {
    const down = { ...node, state: 'down' }
    expect(ledger(unread, [down], 'n1')[0]?.mend).toContain('belt swarm remove --unreachable node1')
    expect(ledger(unread, [node], 'n1')[0]?.mend).toBe('belt ssh node1')
  })

  it('calls a node without a machine a ghost when it is down, and unmanaged when it lives', () => {
    const rows = ledger(member, [
      node,
      { ...node, id: 'n2', hostname: 'old', state: 'down' },
      { ...node, id: 'n3', hostname: 'new' },
    ])
    expect(rows.slice(1)).toMatchObject([
      { name: 'old', class: 'ghost', mend: 'belt swarm remove --unreachable n2' },
      { name: 'new', class: 'unmanaged' },
    ])
  })

  it('calls nothing a ghost that may be a machine whose host cannot be read', () => {
    const rows = ledger(unread, [{ ...node, state: 'down' }])
    expect(rows.map(row => row.class)).toEqual(['unreachable', 'unknown'])
  })

  it('names both machines that are one node, and leaves none for a row of its own', () => {
    const rows = ledgerOf({
      machines: ['node1', 'node2'].map(name => ({ name, host: member, likelyNodeId: undefined })),
      nodes: [node],
      clusterId: 'ours',
      manager: 'mg0',
    })
    expect(rows.map(row => [row.name, row.class, row.detail])).toEqual([
      ['node1', 'shared-node', 'it is the same node as node2: one of them is a copy'],
      ['node2', 'shared-node', 'it is the same node as node1: one of them is a copy'],
    ])
  })

  it('says when a certificate expired, and what an engine complains of', () => {
    const broken: HostReading = { ...member, state: 'error', nodeId: undefined, error: 'no disk' }
    expect(ledger(broken, [])[0]?.detail).toBe('its swarm state is error (no disk)')
    const at = new Date('2026-03-01T10:00:00Z')
    expect(ledger({ ...member, state: 'error', expired: { at } }, [node])).toMatchObject([
      { nodeId: 'n1', detail: 'its certificate expired on 2026-03-01' },
    ])
  })
})
