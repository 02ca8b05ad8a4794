import { describe, expect, it } from 'vitest'
import { baselineOf } from '../../../src/domain/swarm/baseline.ts'
import { healthProblems } from '../../../src/domain/swarm/health.ts'
import type { SwarmNode } from '../../../src/domain/swarm/workload.ts'
import { serviceNamed } from '../../support/fake-services.ts'
import { healthNode } from '../../support/health-node.ts'

const manager = (hostname: string, change: Partial<SwarmNode> = {}) =>
  healthNode(hostname, { reachability: 'reachable', ...change })
const leader = manager('mg0', { isLeader: true })
const task = (id: string, change = {}) => ({
  id,
  serviceId: 'id-web',
  nodeId: 'id-node1',
  state: 'running',
  desiredState: 'running',
  error: undefined,
  ...change,
})
const workload = (nodes: SwarmNode[], tasks = [task('a'), task('b')], replicas = 2) => ({
  nodes,
  services: [serviceNamed('web', { replicas })],
  tasks,
})

describe('ailments', () => {
  const before = workload([
    leader,
    manager('mg1'),
    healthNode('node1'),
    healthNode('node2', { state: 'down' }),
  ])

  it('are none while all is as it was, broken things included', () => {
    expect(healthProblems(baselineOf(before), before)).toEqual([])
  })

  it('name a manager that does not answer, whether or not it did before', () => {
    const now = workload([leader, manager('mg1', { reachability: 'unreachable' }), healthNode('node1')])
    expect(healthProblems(baselineOf(now), now)).toEqual(['manager mg1 is unreachable'])
  })

  it('name a missing leader', () => {
    const now = workload([manager('mg0'), manager('mg1'), healthNode('node1')])
    expect(healthProblems(baselineOf(now), now)).toEqual(['the managers have no leader'])
  })

  it('name a node that has gone down, or is gone', () => {
    expect(
      healthProblems(
        baselineOf(before),
        workload([leader, manager('mg1'), healthNode('node1', { state: 'down' })]),
      ),
    ).toEqual(['node1 is down'])
    expect(healthProblems(baselineOf(before), workload([leader, manager('mg1')]))).toEqual([
      'node1 is no longer listed',
    ])
  })

  it('name a service that runs less than before, with the reason', () => {
    const pending = task('b', { state: 'pending', error: 'no suitable node' })
    expect(
      healthProblems(baselineOf(before), workload(before.nodes as SwarmNode[], [task('a'), pending])),
    ).toEqual(['web runs 1 of 2 tasks (no suitable node)'])
  })

  it('leave out a service that was scaled down meanwhile, or ran less before', () => {
    expect(healthProblems(baselineOf(before), workload(before.nodes as SwarmNode[], [task('a')], 1))).toEqual(
      [],
    )
    const less = workload(before.nodes as SwarmNode[], [task('a')])
    expect(healthProblems(baselineOf(less), less)).toEqual([])
  })

  describe('of a global service', () => {
    const nodes = [leader, healthNode('node1'), healthNode('node2'), healthNode('node3')]
    const on = (...hostnames: string[]) => ({
      nodes,
      services: [serviceNamed('web', { mode: 'global', replicas: 0 })],
      tasks: hostnames.map(hostname => task(hostname, { nodeId: `id-${hostname}` })),
    })
    const whole = baselineOf(on('node1', 'node2'))

    it('are none while it runs where it ran', () => {
      expect(healthProblems(whole, on('node1', 'node2'))).toEqual([])
    })

    it('tell of nodes on which it does not run any more', () => {
      expect(healthProblems(whole, on('node1', 'node3'))).toEqual(['web runs 1 of 2 tasks'])
    })

    it.each([{ availability: 'drain' }, { availability: 'pause' }, { state: 'down' }] as const)(
      'leave out a node that takes no tasks: %o',
      change => {
        const now = { ...on('node1'), nodes: nodes.with(2, healthNode('node2', change)) }
        expect(healthProblems(whole, now).filter(text => text.startsWith('web'))).toEqual([])
      },
    )
  })

  it('leave out a job, which ends', () => {
    const job = (...tasks: ReturnType<typeof task>[]) => ({
      nodes: [leader],
      services: [serviceNamed('web', { mode: 'job', replicas: 0 })],
      tasks,
    })
    expect(healthProblems(baselineOf(job(task('a'))), job())).toEqual([])
  })
})
