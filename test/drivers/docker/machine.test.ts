import type { ContainerInfo } from 'dockerode'
import { describe, expect, it } from 'vitest'
import { machineLabels, readLabels } from '../../../src/drivers/docker/labels.ts'
import { machineFromContainer } from '../../../src/drivers/docker/machine.ts'

const labels = { name: 'node1', region: 'local', memoryMiB: 512 }

function container(State: string, more: Partial<ContainerInfo> = {}): ContainerInfo {
  return {
    Id: 'c0ffee',
    Image: 'belt-machine:1',
    Created: 1_700_000_000,
    State,
    Status: `it is ${State}`,
    Names: ['/belt.mine.node1'],
    Labels: {},
    Ports: [],
    NetworkSettings: { Networks: { belt: { IPAMConfig: { IPv4Address: '172.18.0.2' }, IPAddress: '' } } },
    ...more,
  } as unknown as ContainerInfo
}

const byAddress = { via: 'address' } as const
const byPort = { via: 'port', at: '127.0.0.1' } as const

describe('a container told as a machine', () => {
  it('has what its labels and its network say', () => {
    expect(machineFromContainer({ container: container('running'), labels }, byAddress, 'root')).toEqual({
      id: 'c0ffee',
      name: 'node1',
      status: 'active',
      memoryMiB: 512,
      region: 'local',
      image: 'belt-machine:1',
      createdAt: '2023-11-14T22:13:20.000Z',
      privateAddress: '172.18.0.2',
      ssh: { address: '172.18.0.2', port: 22, user: 'root' },
    })
  })

  it.each([
    ['created', 'new'],
    ['restarting', 'new'],
    ['running', 'active'],
    ['paused', 'unknown'],
    ['exited', 'off'],
    ['dead', 'failed'],
    ['something new', 'unknown'],
  ])('that is %s has the status %s', (state, status) => {
    expect(machineFromContainer({ container: container(state), labels }, byAddress, 'root').status).toBe(
      status,
    )
  })

  it('that is paused is not taken for stopped, and says how to continue', () => {
    expect(machineFromContainer({ container: container('paused'), labels }, byAddress, 'root').reason).toBe(
      'paused; docker unpause belt.mine.node1 continues it',
    )
  })

  it('gives the reason when nothing good can be said', () => {
    expect(machineFromContainer({ container: container('dead'), labels }, byAddress, 'root').reason).toBe(
      'it is dead',
    )
  })

  it('is reached at its published port where its address is not', () => {
    const Ports = [{ IP: '127.0.0.1', PrivatePort: 22, PublicPort: 32768, Type: 'tcp' }]
    const machine = machineFromContainer({ container: container('running', { Ports }), labels }, byPort, 'me')
    expect(machine.ssh).toEqual({ address: '127.0.0.1', port: 32768, user: 'me' })
  })

  it('is not reached at all there while it is stopped', () => {
    expect(
      machineFromContainer({ container: container('exited'), labels }, byPort, 'root'),
    ).not.toHaveProperty('ssh')
  })
})

describe('the labels of a machine', () => {
  it('are read as they were written', () => {
    expect(readLabels('mine', machineLabels('mine', labels))).toEqual(labels)
  })

  it('of another cluster, or of no machine, say nothing', () => {
    expect(readLabels('mine', machineLabels('theirs', labels))).toBeUndefined()
    expect(readLabels('mine', { 'belt.cluster': 'mine' })).toBeUndefined()
  })
})
