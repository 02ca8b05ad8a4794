import { describe, expect, it } from 'vitest'
import { commandLine } from '../../src/remote/command.ts'
import {
  availabilityCommand,
  labelCommand,
  parseNodes,
  removeNodeCommand,
  roleCommand,
} from '../../src/remote/nodes.ts'

describe('what is said about nodes', () => {
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

describe('parseNodes', () => {
  it('reads a manager, at the address of its manager port', () => {
    const line = {
      id: 'id1',
      hostname: 'mg0',
      address: '0.0.0.0',
      role: 'manager',
      availability: 'active',
      labels: { zone: 'a' },
      state: 'ready',
      engine: { EngineVersion: '20.10.24', Labels: { disk: 'ssd' } },
      platform: { OS: 'linux', Architecture: 'x86_64' },
      resources: { NanoCPUs: 2e9, MemoryBytes: 1024 },
      manager: { Leader: true, Reachability: 'reachable', Addr: '10.0.0.1:2377' },
    }
    expect(parseNodes(`${JSON.stringify(line)}\n`)).toEqual([
      {
        id: 'id1',
        hostname: 'mg0',
        address: '10.0.0.1',
        role: 'manager',
        availability: 'active',
        labels: { zone: 'a' },
        state: 'ready',
        engineLabels: { disk: 'ssd' },
        engineVersion: '20.10.24',
        platform: { os: 'linux', architecture: 'x86_64' },
        resources: { nanoCpus: 2e9, memoryBytes: 1024 },
        isLeader: true,
        reachability: 'reachable',
      },
    ])
  })

  it('reads a node that has told nothing of itself yet', () => {
    const line =
      '{"id":"id2","hostname":"","address":"","role":"worker","availability":"active","labels":null,"state":"unknown","engine":{},"platform":{},"resources":{},"manager":null}'
    expect(parseNodes(line)[0]).toMatchObject({
      labels: {},
      engineVersion: '',
      reachability: undefined,
      isLeader: false,
    })
  })

  it('refuses what is not JSON', () => {
    expect(() => parseNodes('Error response from daemon')).toThrow(SyntaxError)
  })
})
