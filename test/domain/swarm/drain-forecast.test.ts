import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forecastDrain } from '../../../src/domain/swarm/drain-forecast.ts'
import type { Service, SwarmNode, Task } from '../../../src/domain/swarm/workload.ts'
import { serviceNamed } from '../../support/fake-services.ts'

function node(id: string, change: Partial<SwarmNode> = {}): SwarmNode {
  return {
    id,
    hostname: id,
    role: 'worker',
    availability: 'active',
    state: 'ready',
    isLeader: false,
    reachability: undefined,
    labels: {},
    engineLabels: {},
    platform: { os: 'linux', architecture: 'x86_64' },
    resources: { nanoCpus: 2e9, memoryBytes: 1000 },
    ...change,
  }
}

const tasks = (service: string, ...nodeIds: string[]): Task[] =>
  nodeIds.map((nodeId, index) => ({
    id: `${service}${index}`,
    serviceId: `id-${service}`,
    nodeId,
    state: 'running',
    desiredState: 'running',
    error: undefined,
  }))

const forecast = (service: Service, running: Task[], nodes = [node('a'), node('b'), node('c')]) =>
  forecastDrain({ nodes, services: [service], tasks: running }, ['a'])

describe('forecastDrain', () => {
  it('expects nothing of a service that has tasks elsewhere and room there', () => {
    expect(forecast(serviceNamed('web', { replicas: 2 }), tasks('web', 'a', 'b'))).toEqual([])
  })

  it('says nothing of services that have no task on these nodes, nor of global ones', () => {
    expect(forecast(serviceNamed('web'), tasks('web', 'b'))).toEqual([])
    expect(forecast(serviceNamed('agent', { mode: 'global' }), tasks('agent', 'a', 'b', 'c'))).toEqual([])
  })

  it('expects room on nodes of which a new leader knows nothing yet', () => {
    const nodes = [node('a'), node('b', { state: 'unknown' })]
    expect(forecast(serviceNamed('web', { replicas: 2 }), tasks('web', 'a', 'b'), nodes)).toEqual([])
  })

  it('expects downtime of the only replica', () => {
    expect(forecast(serviceNamed('db'), tasks('db', 'a'))).toEqual([
      { service: 'db', kind: 'downtime', reason: 'its only task stops before another one starts' },
    ])
  })

  it('expects downtime when all replicas are on nodes that go', () => {
    const impacts = forecast(serviceNamed('web', { replicas: 2 }), tasks('web', 'a', 'a'))
    expect(impacts.map(impact => impact.kind)).toEqual(['downtime'])
  })

  it.each<[string, Partial<Service>, SwarmNode[], string]>([
    ['no other node', {}, [node('a')], 'no other node takes tasks'],
    [
      'nodes that take none',
      {},
      [node('a'), node('b', { availability: 'pause' }), node('c', { state: 'down' })],
      'no other node takes tasks',
    ],
    [
      'a constraint',
      { constraints: ['node.labels.zone == x'] },
      [node('a', { labels: { zone: 'x' } }), node('b')],
      'no other node satisfies node.labels.zone == x',
    ],
    [
      'another platform',
      { platforms: [{ os: 'linux', architecture: 'arm64' }] },
      [node('a'), node('b')],
      'no other node has the platform that its image is made for',
    ],
    [
      'memory',
      { reservation: { nanoCpus: 0, memoryBytes: 1500 } },
      [node('a'), node('b')],
      '0 of 1 tasks find room: not enough free memory',
    ],
    [
      'processors',
      { reservation: { nanoCpus: 3e9, memoryBytes: 0 } },
      [node('a'), node('b')],
      '0 of 1 tasks find room: not enough free processors',
    ],
  ])('expects a drain that does not end for want of %s', (_, change, nodes, reason) => {
    const impacts = forecast(serviceNamed('web', { replicas: 2, ...change }), tasks('web', 'a'), nodes)
    expect(impacts).toContainEqual({ service: 'web', kind: 'stuck', reason })
  })

  it('counts host ports and the limit per node, of tasks that stay as well', () => {
    const web = serviceNamed('web', { replicas: 3, hostPorts: ['80/tcp'] })
    expect(forecast(web, tasks('web', 'a', 'b', 'c'))[0]?.reason).toBe(
      '0 of 1 tasks find room: host port 80/tcp is taken',
    )
    const limited = serviceNamed('web', { replicas: 3, maxPerNode: 1 })
    expect(forecast(limited, tasks('web', 'a', 'b', 'c'))[0]?.reason).toBe(
      '0 of 1 tasks find room: at most 1 may run on a node',
    )
    expect(forecast(web, tasks('web', 'a', 'b'))).toEqual([])
  })

  it('gives one place only once', () => {
    const big = { replicas: 2, reservation: { nanoCpus: 0, memoryBytes: 600 } }
    const impacts = forecastDrain(
      {
        nodes: [node('a'), node('b')],
        services: [serviceNamed('one', big), serviceNamed('two', big)],
        tasks: [...tasks('one', 'a'), ...tasks('two', 'a')],
      },
      ['a'],
    )
    expect(impacts.filter(impact => impact.kind === 'stuck').map(impact => impact.service)).toEqual(['two'])
  })

  it('never expects trouble of unconstrained services while a task stays and a node takes more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 20 }), (onA, onB) => {
        const running = tasks('web', ...Array(onA).fill('a'), ...Array(onB).fill('b'))
        expect(forecast(serviceNamed('web', { replicas: onA + onB }), running)).toEqual([])
      }),
    )
  })
})
