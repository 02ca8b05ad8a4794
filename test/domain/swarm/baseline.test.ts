import { describe, expect, it } from 'vitest'
import { baselineWithout, degradationOf } from '../../../src/domain/swarm/baseline.ts'
import { healthProblems } from '../../../src/domain/swarm/health.ts'
import type { Workload } from '../../../src/domain/swarm/workload.ts'
import { serviceNamed } from '../../support/fake-services.ts'
import { healthNode } from '../../support/health-node.ts'

const node = (hostname: string, state = 'ready') =>
  healthNode(hostname, {
    state,
    isLeader: hostname === 'mg0',
    reachability: hostname === 'mg0' ? 'reachable' : undefined,
  })
const running = (service: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `${service}-${index}`,
    serviceId: `id-${service}`,
    nodeId: 'id-mg0',
    state: 'running',
    desiredState: 'running',
    error: undefined,
  }))

/** A swarm in which `web` is to have three tasks, and `old` two. */
const workload = ({ web = 3, old = 2, node1 = 'ready', node2 = 'ready' } = {}): Workload => ({
  nodes: [node('mg0'), node('node1', node1), node('node2', node2)],
  services: [serviceNamed('web', { replicas: 3 }), serviceNamed('old', { replicas: 2 })],
  tasks: [...running('web', web), ...running('old', old)],
})

describe('what ails a swarm', () => {
  it('is nothing where all is well', () => {
    expect(degradationOf(workload())).toEqual({ nodes: [], services: {} })
  })

  it('is its nodes that are not ready, and what its services lack', () => {
    expect(degradationOf(workload({ old: 0, node2: 'down' }))).toEqual({
      nodes: ['id-node2'],
      services: { 'id-old': 2 },
    })
  })
})

describe('the baseline that is found from what ailed', () => {
  const ailing = degradationOf(workload({ old: 1, node2: 'down' }))
  const ailmentsOf = (now: Workload) => healthProblems(baselineWithout(ailing, now), now)

  it('forgives what ailed, whether or not it still does', () => {
    expect(ailmentsOf(workload({ old: 1, node2: 'down' }))).toEqual([])
    expect(ailmentsOf(workload())).toEqual([])
  })

  it('forgives nothing that was harmed since', () => {
    expect(ailmentsOf(workload({ web: 2, old: 0, node1: 'down' }))).toEqual([
      'node1 is down',
      'web runs 2 of 3 tasks',
      'old runs 0 of 1 tasks',
    ])
  })
})

describe('a global service', () => {
  const agent = serviceNamed('agent', { mode: 'global', replicas: 0, constraints: ['node.role==worker'] })
  const manager = healthNode('mg0', { role: 'manager', isLeader: true, reachability: 'reachable' })
  const workers = ['node1', 'node2', 'node3'].map(name => healthNode(name))
  const on = (...nodeIds: string[]): Workload => ({
    nodes: [manager, ...workers],
    services: [agent],
    tasks: running('agent', nodeIds.length).map((task, index) => ({ ...task, nodeId: nodeIds[index] ?? '' })),
  })

  it('lacks a task on each node that may run it and does not', () => {
    expect(degradationOf(on('id-node1', 'id-node2', 'id-node3')).services).toEqual({})
    expect(degradationOf(on('id-node1')).services).toEqual({ 'id-agent': 2 })
  })

  it('lacks none on a node that takes no tasks', () => {
    const drained = {
      ...on('id-node1'),
      nodes: workers.map(each => ({ ...each, availability: 'drain' as const })),
    }
    expect(degradationOf(drained).services).toEqual({})
  })

  it('is to run on as many nodes as it did', () => {
    const ailing = degradationOf(on('id-node1', 'id-node2'))
    const ailmentsOf = (now: Workload) => healthProblems(baselineWithout(ailing, now), now)
    expect(ailmentsOf(on('id-node1', 'id-node2'))).toEqual([])
    expect(ailmentsOf(on('id-node2'))).toEqual(['agent runs 1 of 2 tasks'])
  })

  it('is to run also on a node that is out when the baseline is found', () => {
    const out = {
      ...on('id-node2', 'id-node3'),
      nodes: [manager, healthNode('node1', { availability: 'drain' }), ...workers.slice(1)],
    }
    const baseline = baselineWithout({ nodes: [], services: {} }, out)
    expect(healthProblems(baseline, out)).toEqual([])
    expect(healthProblems(baseline, on('id-node2', 'id-node3'))).toEqual(['agent runs 2 of 3 tasks'])
  })
})
