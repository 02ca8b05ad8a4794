import { describe, expect, it } from 'vitest'
import { baselineOf } from '../../src/domain/health-baseline.ts'
import { ailments } from '../../src/domain/swarm-health.ts'
import type { HealthNode } from '../../src/domain/swarm-sight.ts'
import { serviceNamed } from '../support/fake-services.ts'

const node = (hostname: string, change: Partial<HealthNode> = {}): HealthNode => ({
  id: `id-${hostname}`,
  hostname,
  state: 'ready',
  isLeader: false,
  reachability: undefined,
  ...change,
})
const manager = (hostname: string, change: Partial<HealthNode> = {}) =>
  node(hostname, { reachability: 'reachable', ...change })
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
const sight = (nodes: HealthNode[], tasks = [task('a'), task('b')], replicas = 2) => ({
  nodes,
  services: [serviceNamed('web', { replicas })],
  tasks,
})

describe('ailments', () => {
  const before = sight([leader, manager('mg1'), node('node1'), node('node2', { state: 'down' })])

  it('are none while all is as it was, broken things included', () => {
    expect(ailments(baselineOf(before), before)).toEqual([])
  })

  it('name a manager that does not answer, whether or not it did before', () => {
    const now = sight([leader, manager('mg1', { reachability: 'unreachable' }), node('node1')])
    expect(ailments(baselineOf(now), now)).toEqual(['manager mg1 is unreachable'])
  })

  it('name a missing leader', () => {
    const now = sight([manager('mg0'), manager('mg1'), node('node1')])
    expect(ailments(baselineOf(now), now)).toEqual(['the managers have no leader'])
  })

  it('name a node that has gone down, or is gone', () => {
    expect(
      ailments(baselineOf(before), sight([leader, manager('mg1'), node('node1', { state: 'down' })])),
    ).toEqual(['node1 is down'])
    expect(ailments(baselineOf(before), sight([leader, manager('mg1')]))).toEqual([
      'node1 is no longer listed',
    ])
  })

  it('name a service that runs less than before, with the reason', () => {
    const pending = task('b', { state: 'pending', error: 'no suitable node' })
    expect(ailments(baselineOf(before), sight(before.nodes as HealthNode[], [task('a'), pending]))).toEqual([
      'web runs 1 of 2 tasks (no suitable node)',
    ])
  })

  it('leave out a service that was scaled down meanwhile, or ran less before', () => {
    expect(ailments(baselineOf(before), sight(before.nodes as HealthNode[], [task('a')], 1))).toEqual([])
    const less = sight(before.nodes as HealthNode[], [task('a')])
    expect(ailments(baselineOf(less), less)).toEqual([])
  })
})
