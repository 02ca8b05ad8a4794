import { describe, expect, it } from 'vitest'
import { parseServices, parseTasks, servicesRequest, tasksRequest } from '../../src/remote/services.ts'

const service = {
  ID: 's1',
  Spec: {
    Name: 'web',
    Mode: { Replicated: { Replicas: 3 } },
    TaskTemplate: {
      ContainerSpec: { StopGracePeriod: 15_000_000_000 },
      Resources: { Reservations: { NanoCPUs: 500_000_000, MemoryBytes: 1024 } },
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
        reservation: { nanoCpus: 500_000_000, memoryBytes: 1024 },
        maxPerNode: 1,
        stopGraceMs: 15_000,
      },
    ])
  })

  it("uses the engine's defaults for settings that a service omits", () => {
    expect(parseServices('[{"ID":"s2","Spec":{"Name":"agent","Mode":{"Global":{}}}}]')).toMatchObject([
      { mode: 'global', replicas: 0, stopGraceMs: 10_000, constraints: [], hostPorts: [] },
    ])
    expect(parseServices('[{"ID":"s3","Spec":{"Name":"once","Mode":{"ReplicatedJob":{}}}}]')[0]?.mode).toBe(
      'job',
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
