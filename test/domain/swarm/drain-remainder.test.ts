import { describe, expect, it } from 'vitest'
import { isDrained, remainderOf, remainderText } from '../../../src/domain/swarm/drain-remainder.ts'
import type { Task } from '../../../src/domain/swarm/workload.ts'
import { serviceNamed } from '../../support/fake-services.ts'

const task = (nodeId: string, change: Partial<Task> = {}): Task => ({
  id: nodeId,
  serviceId: 'id-web',
  nodeId,
  state: 'running',
  desiredState: 'running',
  error: undefined,
  ...change,
})
const web = serviceNamed('web', { replicas: 2 })
const before = [task('a'), task('b')]
const rest = (now: Task[], services = [web]) => remainderOf(['a'], services, before, now)

describe('restOfDrain', () => {
  it('is empty when the tasks have stopped and as many run elsewhere', () => {
    expect(isDrained(rest([task('a', { state: 'shutdown' }), task('b'), task('c')]))).toBe(true)
  })

  it('holds a task that was asked to stop and still runs, though the swarm counts it out', () => {
    const stopping = rest([task('a', { desiredState: 'shutdown' }), task('b'), task('c')])
    expect(isDrained(stopping)).toBe(false)
    expect(remainderText(stopping)).toBe('1 task still runs there')
  })

  it('holds a service that has not got its tasks back, with the reason that the scheduler gives', () => {
    const pending = task('', { state: 'pending', error: 'no suitable node (2 nodes not available)' })
    expect(remainderText(rest([task('b'), pending]))).toBe(
      'web lacks 1 of 2 tasks elsewhere (no suitable node (2 nodes not available))',
    )
  })

  it('wants no more than ran before, nor more than are wanted now', () => {
    expect(isDrained(rest([task('b'), task('c')], [{ ...web, replicas: 5 }]))).toBe(true)
    expect(isDrained(rest([task('b')], [{ ...web, replicas: 1 }]))).toBe(true)
  })

  it('wants nothing of global services and jobs', () => {
    expect(isDrained(rest([task('b')], [{ ...web, mode: 'global' }]))).toBe(true)
    expect(isDrained(rest([task('b')], [{ ...web, mode: 'job' }]))).toBe(true)
  })
})
