import { describe, expect, it } from 'vitest'
import {
  parseNetworkDrivers,
  parseServices,
  parseTasks,
  servicesRequest,
  tasksRequest,
} from '../../src/remote/services.ts'

const service = {
  ID: 's1',
  Spec: {
    Name: 'web',
    Mode: { Replicated: { Replicas: 3 } },
    TaskTemplate: {
      ContainerSpec: {
        StopGracePeriod: 15_000_000_000,
        Mounts: [
          { Type: 'volume', VolumeOptions: { DriverConfig: { Name: 'nfs' } } },
          { Type: 'volume', VolumeOptions: { DriverConfig: { Name: 'local' } } },
          { Type: 'bind' },
        ],
      },
      LogDriver: { Name: 'loki' },
      Networks: [{ Target: 'net1' }],
      Resources: {
        Reservations: {
          NanoCPUs: 500_000_000,
          MemoryBytes: 1024,
          GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 2 } }],
        },
      },
      Placement: {
        Constraints: ['node.role==worker'],
        MaxReplicas: 1,
        Platforms: [{ OS: 'linux', Architecture: 'amd64' }],
      },
    },
  },
  Endpoint: {
    Ports: [
      { PublishMode: 'host', PublishedPort: 80, Protocol: 'tcp' },
      { PublishMode: 'ingress', PublishedPort: 81 },
    ],
  },
}

describe('the requests', () => {
  it('request services, and tasks by node and service', () => {
    expect(servicesRequest.engine).toEqual({ method: 'GET', path: '/services' })
    const { engine } = tasksRequest({ nodeIds: ['n1', 'n2'], serviceIds: ['s1'] })
    expect(decodeURIComponent(engine.path)).toBe('/tasks?filters={"node":["n1","n2"],"service":["s1"]}')
  })
})

describe('the tasks that are wanted', () => {
  it('include those of jobs, which are to complete instead of to run', () => {
    const { engine } = tasksRequest({ wanted: true })
    expect(decodeURIComponent(engine.path)).toBe('/tasks?filters={"desired-state":["running","complete"]}')
  })
})

describe('parseServices', () => {
  it('parses what decides where tasks can run', () => {
    expect(parseServices(JSON.stringify([service]))).toEqual([
      {
        id: 's1',
        name: 'web',
        mode: 'replicated',
        replicas: 3,
        constraints: ['node.role==worker'],
        platforms: [{ os: 'linux', architecture: 'amd64' }],
        hostPorts: ['80/tcp'],
        reservation: { nanoCpus: 500_000_000, memoryBytes: 1024, generic: { gpu: 2 } },
        maxPerNode: 1,
        stopGraceMs: 15_000,
        plugins: [
          { type: 'Volume', name: 'nfs' },
          { type: 'Log', name: 'loki' },
        ],
        networks: ['net1'],
        unjudged: [],
      },
    ])
  })

  it("uses the engine's defaults for settings that a service omits", () => {
    expect(parseServices('[{"ID":"s2","Spec":{"Name":"agent","Mode":{"Global":{}}}}]')).toMatchObject([
      { mode: 'global', replicas: 0, stopGraceMs: 10_000, constraints: [], hostPorts: [] },
    ])
  })

  it.each([
    ['ReplicatedJob', 'job'],
    ['GlobalJob', 'job'],
    ['Moonlit', 'unknown'],
  ])('reads the mode %s as %s', (printed, mode) => {
    const body = JSON.stringify([{ ID: 's3', Spec: { Name: 'once', Mode: { [printed]: {} } } }])
    expect(parseServices(body)[0]?.mode).toBe(mode)
  })

  it('says that it cannot judge a volume of the cluster', () => {
    const container = { Mounts: [{ Type: 'cluster', Source: 'group:fast' }] }
    const body = [{ ID: 's4', Spec: { Name: 'db', TaskTemplate: { ContainerSpec: container } } }]
    expect(parseServices(JSON.stringify(body))[0]?.unjudged).toEqual(['it mounts a cluster volume'])
  })

  it.each<[string, unknown]>([
    ['no list', { ID: 's1' }],
    ['a list of something else', ['s1']],
    ['a name that is no text', [{ ID: 's1', Spec: { Name: 7 } }]],
    ['a number that is none', [{ ID: 's1', Spec: { Name: 'a', Mode: { Replicated: { Replicas: '3' } } } }]],
    [
      'constraints that are no list',
      [{ ID: 's1', Spec: { Name: 'a', TaskTemplate: { Placement: { Constraints: 'x' } } } }],
    ],
  ])('refuses %s', (_, body) => {
    expect(() => parseServices(JSON.stringify(body))).toThrow(SyntaxError)
  })
})

describe('parseNetworkDrivers', () => {
  it('reads the drivers by the ids of the networks', () => {
    const body = '[{"Id":"net1","Driver":"weave"},{"Id":"net2","Driver":""}]'
    expect(parseNetworkDrivers(body)).toEqual(
      new Map([
        ['net1', 'weave'],
        ['net2', ''],
      ]),
    )
  })
})

describe('parseTasks', () => {
  it('parses a task without a node, with the reason', () => {
    const task = {
      ID: 't1',
      ServiceID: 's1',
      DesiredState: 'running',
      Status: { State: 'pending', Err: 'no suitable node' },
    }
    expect(parseTasks(JSON.stringify([task]))).toEqual([
      {
        id: 't1',
        serviceId: 's1',
        nodeId: '',
        state: 'pending',
        desiredState: 'running',
        error: 'no suitable node',
      },
    ])
  })
})
