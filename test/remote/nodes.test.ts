import { describe, expect, it } from 'vitest'
import { commandLine } from '../../src/remote/command.ts'
import {
  availabilityCommand,
  labelCommand,
  nodeRequest,
  parseNode,
  parseNodeStates,
  parseNodes,
  removeNodeCommand,
  roleCommand,
} from '../../src/remote/nodes.ts'

describe('the docker commands for nodes', () => {
  it.each([
    [availabilityCommand('id1', 'drain'), 'docker node update --availability drain id1'],
    [roleCommand('id1', 'manager'), 'docker node promote id1'],
    [roleCommand('id1', 'worker'), 'docker node demote id1'],
    [removeNodeCommand('id1'), 'docker node rm id1'],
    [
      labelCommand('id1', new Map([['zone', 'a b']]), ['old']),
      "docker node update --label-add 'zone=a b' --label-rm old id1",
    ],
  ])('%#', (command, line) => {
    expect(commandLine(command)).toBe(line)
  })
})

describe('a single node', () => {
  it('is requested by its id', () => {
    expect(nodeRequest('id1').engine).toEqual({ method: 'GET', path: '/nodes/id1' })
  })

  it('is parsed as it is in the list', () => {
    const node = {
      ID: 'id1',
      Spec: { Role: 'worker', Availability: 'drain', Labels: { zone: 'a' } },
      Status: { State: 'ready', Addr: '10.0.0.9' },
    }
    expect([parseNode(JSON.stringify(node))]).toEqual(parseNodes(JSON.stringify([node])))
  })
})

describe('parseNodes', () => {
  it('parses a manager, with the address of its manager port', () => {
    const node = {
      ID: 'id1',
      Version: { Index: 12 },
      Spec: { Role: 'manager', Availability: 'active', Labels: { zone: 'a' } },
      Description: {
        Hostname: 'mg0',
        Platform: { OS: 'linux', Architecture: 'x86_64' },
        Resources: {
          NanoCPUs: 2e9,
          MemoryBytes: 1024,
          GenericResources: [
            { NamedResourceSpec: { Kind: 'gpu', Value: 'g1' } },
            { NamedResourceSpec: { Kind: 'gpu', Value: 'g2' } },
            { DiscreteResourceSpec: { Kind: 'fpga', Value: 3 } },
          ],
        },
        Engine: {
          EngineVersion: '20.10.24',
          Labels: { disk: 'ssd' },
          Plugins: [
            { Type: 'Volume', Name: 'local' },
            { Type: 'Authorization', Name: 'x' },
          ],
        },
      },
      Status: { State: 'ready', Addr: '0.0.0.0' },
      ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: '10.0.0.1:2377' },
    }
    expect(parseNodes(JSON.stringify([node]))).toEqual([
      {
        id: 'id1',
        hostname: 'mg0',
        address: '10.0.0.1',
        ip: '0.0.0.0',
        role: 'manager',
        availability: 'active',
        labels: { zone: 'a' },
        state: 'ready',
        engineLabels: { disk: 'ssd' },
        engineVersion: '20.10.24',
        platform: { os: 'linux', architecture: 'x86_64' },
        resources: { nanoCpus: 2e9, memoryBytes: 1024, generic: { gpu: 2, fpga: 3 } },
        plugins: [{ type: 'Volume', name: 'local' }],
        isLeader: true,
        reachability: 'reachable',
      },
    ])
  })

  it('parses a node that has not reported its description yet', () => {
    const node = {
      ID: 'id2',
      Spec: { Role: 'worker', Availability: 'active', Labels: {} },
      Description: { Platform: {}, Resources: {}, Engine: {} },
      Status: { State: 'unknown' },
    }
    expect(parseNodes(JSON.stringify([node]))[0]).toMatchObject({
      hostname: '',
      address: '',
      labels: {},
      engineVersion: '',
      reachability: undefined,
      isLeader: false,
    })
  })

  it('rejects text that is not JSON', () => {
    expect(() => parseNodes('Error response from daemon')).toThrow(SyntaxError)
  })
})

describe('parseNodeStates', () => {
  it('parses managers, workers and nodes that are down', () => {
    expect(parseNodeStates('a1 Ready Leader\nb2 Ready Reachable\nc3 Down Unreachable\nd4 Ready \n')).toEqual([
      { id: 'a1', state: 'ready', reachability: 'reachable' },
      { id: 'b2', state: 'ready', reachability: 'reachable' },
      { id: 'c3', state: 'down', reachability: 'unreachable' },
      { id: 'd4', state: 'ready', reachability: undefined },
    ])
  })

  it('rejects other text', () => {
    expect(() => parseNodeStates('Error\n')).toThrow(SyntaxError)
  })
})
