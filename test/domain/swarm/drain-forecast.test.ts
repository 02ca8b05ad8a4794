import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DrainForecast, holdsDrain } from '../../../src/domain/swarm/drain-forecast.ts'
import type { Service, SwarmNode, Task, Workload } from '../../../src/domain/swarm/workload.ts'
import { serviceNamed } from '../../support/fake-services.ts'
import { healthNode } from '../../support/health-node.ts'

const node = (id: string, change: Partial<SwarmNode> = {}): SwarmNode =>
  healthNode(id, { id, resources: { nanoCpus: 2e9, memoryBytes: 1000, generic: {} }, ...change })

const having = (generic: Record<string, number>) => ({
  resources: { nanoCpus: 2e9, memoryBytes: 1000, generic },
})

const tasks = (service: string, ...nodeIds: string[]): Task[] =>
  nodeIds.map((nodeId, index) => ({
    id: `${service}${index}`,
    serviceId: `id-${service}`,
    nodeId,
    state: 'running',
    desiredState: 'running',
    error: undefined,
  }))

const forecastDrain = (workload: Workload, going: string[]) => new DrainForecast(workload).impactsOf(going)

const forecast = (service: Service, running: Task[], nodes = [node('a'), node('b'), node('c')]) =>
  forecastDrain({ nodes, services: [service], tasks: running }, ['a'])

describe('DrainForecast', () => {
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
      { reservation: { nanoCpus: 0, memoryBytes: 1500, generic: {} } },
      [node('a'), node('b')],
      '0 of 1 tasks find room: not enough free memory',
    ],
    [
      'processors',
      { reservation: { nanoCpus: 3e9, memoryBytes: 0, generic: {} } },
      [node('a'), node('b')],
      '0 of 1 tasks find room: not enough free processors',
    ],
    [
      'a generic resource',
      { reservation: { nanoCpus: 0, memoryBytes: 0, generic: { gpu: 1 } } },
      [node('a', having({ gpu: 1 })), node('b', having({ fpga: 3 }))],
      '0 of 1 tasks find room: not enough free gpu',
    ],
    [
      'the driver of a volume',
      { plugins: [{ type: 'Volume', name: 'rexray' }] },
      [node('a'), node('b', { plugins: [{ type: 'Volume', name: 'local' }] })],
      'no other node has the volume plugin rexray',
    ],
    [
      'a network in a constraint',
      { constraints: ['node.ip==172.18.0.0/16'] },
      [node('a', { ip: '172.18.0.2' }), node('b', { ip: '10.0.0.2' })],
      'no other node satisfies node.ip==172.18.0.0/16',
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
    const big = { replicas: 2, reservation: { nanoCpus: 0, memoryBytes: 600, generic: {} } }
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

  it('counts generic resources that are in use', () => {
    const gpu = serviceNamed('gpu', {
      replicas: 2,
      reservation: { nanoCpus: 0, memoryBytes: 0, generic: { gpu: 1 } },
    })
    const nodes = (free: number) => [node('a', having({ gpu: 1 })), node('b', having({ gpu: free }))]
    expect(forecast(gpu, tasks('gpu', 'a', 'b'), nodes(2))).toEqual([])
    expect(forecast(gpu, tasks('gpu', 'a', 'b'), nodes(1))).toEqual([
      { service: 'gpu', kind: 'stuck', reason: '0 of 1 tasks find room: not enough free gpu' },
    ])
  })

  it('expects no trouble of a service whose constraint is a network that other nodes are in', () => {
    const nodes = [node('a', { ip: '172.18.0.2' }), node('b', { ip: '172.18.0.3' })]
    const web = serviceNamed('web', { replicas: 2, constraints: ['Node.IP == 172.18.0.0/16'] })
    expect(forecast(web, tasks('web', 'a', 'b'), nodes)).toEqual([])
  })

  it.each<[string, Partial<Service>, Partial<SwarmNode>, string]>([
    [
      'a constraint that Belt does not know',
      { constraints: ['node.moon==full'] },
      {},
      'it is not known which other node satisfies node.moon==full',
    ],
    [
      'an address that the managers do not know',
      { constraints: ['node.ip==10.0.0.1'] },
      { ip: '' },
      'it is not known which other node satisfies node.ip==10.0.0.1',
    ],
    [
      'a node that has reported no plugins',
      { plugins: [{ type: 'Network', name: 'weave' }] },
      { plugins: undefined },
      'it is not known which other node has the network plugin weave',
    ],
    [
      'what Belt cannot judge',
      { unjudged: ['it mounts a cluster volume'] },
      {},
      'it mounts a cluster volume',
    ],
    ['a mode that Belt does not know', { mode: 'unknown' }, {}, 'its mode is new to Belt'],
  ])('says that it cannot tell for %s, and never calls that stuck', (_, change, other, reason) => {
    const impacts = forecast(serviceNamed('web', { replicas: 2, ...change }), tasks('web', 'a', 'b'), [
      node('a'),
      node('b', other),
    ])
    expect(impacts).toEqual([{ service: 'web', kind: 'unknown', reason }])
    expect(impacts.some(holdsDrain)).toBe(false)
  })

  it('prefers a node that it can judge to doubts about others', () => {
    const web = serviceNamed('web', { replicas: 2, plugins: [{ type: 'Volume', name: 'nfs' }] })
    const nfs = { plugins: [{ type: 'Volume', name: 'nfs:latest' }] as const }
    const nodes = [node('a', nfs), node('b', { plugins: undefined }), node('c', nfs)]
    expect(forecast(web, tasks('web', 'a', 'c'), nodes)).toEqual([])
  })

  it('names the jobs that a drain does not stop, and waits for them', () => {
    const impacts = forecast(serviceNamed('backup', { mode: 'job' }), tasks('backup', 'a', 'a', 'b'))
    expect(impacts).toEqual([
      { service: 'backup', kind: 'job', reason: 'a drain does not stop its 2 tasks; it ends when they have' },
    ])
    expect(impacts.every(holdsDrain)).toBe(true)
  })

  it('takes nothing from the swarm for one drain that another one needs', () => {
    const big = { replicas: 1, reservation: { nanoCpus: 0, memoryBytes: 600, generic: {} } }
    const forecast = new DrainForecast({
      nodes: [node('a'), node('b'), node('c')],
      services: [serviceNamed('one', big), serviceNamed('two', big)],
      tasks: [...tasks('one', 'a'), ...tasks('two', 'b')],
    })
    const stuck = (id: string) => forecast.impactsOf([id]).filter(({ kind }) => kind === 'stuck')
    expect([...stuck('a'), ...stuck('b'), ...stuck('a')]).toEqual([])
    expect(forecast.impactsOf(['a', 'b']).filter(({ kind }) => kind === 'stuck')).toHaveLength(1)
  })

  it('forecasts the drain of each of 5,000 nodes with 50,000 tasks in seconds', () => {
    const nodes = Array.from({ length: 5000 }, (_, index) => node(`n${index}`))
    const services = Array.from({ length: 500 }, (_, index) =>
      serviceNamed(`s${index}`, { replicas: 100, constraints: ['node.role==worker'] }),
    )
    const running = services.flatMap((_, index) =>
      tasks(`s${index}`, ...Array.from({ length: 100 }, (_, task) => `n${(index * 100 + task) % 5000}`)),
    )
    const forecast = new DrainForecast({ nodes, services, tasks: running })
    expect(nodes.flatMap(({ id }) => forecast.impactsOf([id]))).toEqual([])
  }, 30_000)
})
