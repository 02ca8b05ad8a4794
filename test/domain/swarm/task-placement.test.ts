import { describe, expect, it } from 'vitest'
import { runsOn, satisfies } from '../../../src/domain/swarm/task-placement.ts'
import type { SwarmNode } from '../../../src/domain/swarm/workload.ts'

const node: SwarmNode = {
  id: 'id1',
  hostname: 'Node1',
  role: 'worker',
  availability: 'active',
  state: 'ready',
  isLeader: false,
  reachability: undefined,
  labels: { zone: 'a', 'belt.spare': 'true' },
  engineLabels: { disk: 'ssd' },
  platform: { os: 'linux', architecture: 'x86_64' },
  resources: { nanoCpus: 1, memoryBytes: 1 },
}

describe('satisfies', () => {
  it.each([
    ['node.labels.zone==a', true],
    ['node.labels.zone == b', false],
    ['node.labels.zone!=b', true],
    ['node.labels.rack!=b', true],
    ['node.labels.belt.spare==true', true],
    ['engine.labels.disk == ssd', true],
    ['node.role == manager', false],
    ['node.hostname==node1', true],
    ['node.id!=id1', false],
    ['node.platform.os == linux', true],
    ['node.type == mysql', false],
    ['nonsense', false],
  ])('%s: %s', (constraint, met) => {
    expect(satisfies(node, constraint)).toBe(met)
  })
})

describe('runsOn', () => {
  it('knows the two names of an architecture, and lets an image without platforms run anywhere', () => {
    expect(runsOn(node, [])).toBe(true)
    expect(runsOn(node, [{ os: 'linux', architecture: 'amd64' }])).toBe(true)
    expect(runsOn(node, [{ os: 'linux', architecture: 'arm64' }])).toBe(false)
    expect(runsOn(node, [{ os: '', architecture: '' }])).toBe(true)
  })
})
