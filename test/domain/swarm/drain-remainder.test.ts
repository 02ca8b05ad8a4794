import { describe, expect, it } from 'vitest'
import { isDrained, jobsIn, remainderOf, remainderText } from '../../../src/domain/swarm/drain-remainder.ts'
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
const rest = (now: Task[], services = [web], down: string[] = []) =>
  remainderOf({ nodeIds: ['a'], tasks: before, down }, services, now)

describe('restOfDrain', () => {
  it('is empty when the tasks have stopped and as many run elsewhere', () => {
    expect(isDrained(rest([task('a', { state: 'shutdown' }), task('b'), task('c')]))).toBe(true)
  })

  it('holds a task that was asked to stop and still runs, though the swarm counts it out', () => {
    const stopping = rest([task('a', { desiredState: 'shutdown' }), task('b'), task('c')])
    expect(isDrained(stopping)).toBe(false)
    expect(remainderText(stopping)).toBe('1 task of web still runs there')
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

  it('names each service whose tasks still run, and the jobs that a drain does not stop', () => {
    const job = serviceNamed('backup', { mode: 'job' })
    const now = [
      task('a'),
      task('a', { serviceId: job.id }),
      task('a', { serviceId: 'id-gone' }),
      task('b'),
      task('c'),
    ]
    const left = rest(now, [web, job])
    expect(remainderText(left)).toBe(
      '1 task of web still runs there; 1 task of backup still runs there (a job, which a drain does not stop); 1 task of removed services still runs there',
    )
    expect(left.tasks).toEqual(new Map([['a', 3]]))
    expect(jobsIn(left)).toEqual(['backup'])
  })

  it('waits neither for jobs that may be interrupted nor for services that may be down', () => {
    const job = serviceNamed('backup', { mode: 'job' })
    const now = [task('a', { serviceId: job.id }), task('b')]
    expect(isDrained(rest(now, [web, job], ['backup', 'web']))).toBe(true)
    expect(isDrained(rest([task('a'), task('b')], [web], ['web']))).toBe(false)
  })
})
