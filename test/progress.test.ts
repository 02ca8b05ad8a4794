import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Progress, recordedProgress, whileSlow } from '../src/progress.ts'
import { FakeRecorder } from './support/fake-recorder.ts'

describe('recordedProgress', () => {
  it('shows nothing of work on nothing, and notes it', () => {
    const shown: unknown[] = []
    const start: Progress['start'] = (...args) => {
      shown.push(args)
      return { step() {}, update() {}, done() {}, fail() {} }
    }
    const recorder = new FakeRecorder()
    recordedProgress({ start, note() {} }, recorder)
      .start('Copying a (5 B)', 0)
      .done()
    expect(shown).toEqual([])
    expect(recorder.lines).toEqual(['Copying a (5 B) ...', 'Copying a (5 B): done'])
  })

  it('notes all of it but updates that come too fast to be read, whatever is shown', () => {
    const shown: unknown[] = []
    const progress: Progress = {
      start(...args) {
        shown.push(args)
        return {
          step: detail => void shown.push(['step', detail]),
          update: detail => void shown.push(['update', detail]),
          done: detail => void shown.push(['done', detail]),
          fail: reason => void shown.push(['fail', reason]),
        }
      },
      note: message => shown.push(message),
    }
    const recorder = new FakeRecorder()
    const both = recordedProgress(progress, recorder)
    const task = both.start('Draining node1', 2)
    task.step('node1')
    task.update('web lacks 1 of 4')
    task.update('web lacks 0 of 4')
    task.done()
    both.start('Joining').fail('not taken')
    both.note('a warning')
    expect(recorder.lines).toEqual([
      'Draining node1 ...',
      'Draining node1: node1',
      'Draining node1: web lacks 1 of 4',
      'Draining node1: done',
      'Joining ...',
      'Joining: failed: not taken',
      'a warning',
    ])
    expect(shown).toEqual([
      ['Draining node1', 2],
      ['step', 'node1'],
      ['update', 'web lacks 1 of 4'],
      ['update', 'web lacks 0 of 4'],
      ['done', undefined],
      ['Joining', undefined],
      ['fail', 'not taken'],
      'a warning',
    ])
  })
})

describe('work that is usually done at once', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function watched() {
    const shown: string[] = []
    const progress: Progress = {
      start(title) {
        shown.push(title)
        return {
          step() {},
          update: detail => void shown.push(detail),
          done: () => void shown.push('done'),
          fail: reason => void shown.push(`failed: ${reason}`),
        }
      },
      note() {},
    }
    return { shown, progress }
  }
  const passing = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds))

  it('is not shown', async () => {
    const { shown, progress } = watched()
    const work = whileSlow(progress, 'Listing machines', () => passing(1900))
    await vi.advanceTimersByTimeAsync(5000)
    await work
    expect(shown).toEqual([])
  })

  it('is shown after two seconds, with what it waits for', async () => {
    const { shown, progress } = watched()
    const work = whileSlow(progress, 'Asking hosts', tell => {
      tell('waiting for node[1:2]')
      return passing(2500)
    })
    await vi.advanceTimersByTimeAsync(2100)
    expect(shown).toEqual(['Asking hosts', 'waiting for node[1:2]'])
    await vi.advanceTimersByTimeAsync(1000)
    await work
    expect(shown.at(-1)).toBe('done')
  })

  it('is shown as failed when it fails', async () => {
    const { shown, progress } = watched()
    const work = whileSlow(progress, 'Asking hosts', async () => {
      await passing(2500)
      throw new Error('no manager answers\n(all is off)')
    }).catch(() => {})
    await vi.advanceTimersByTimeAsync(3000)
    await work
    expect(shown).toEqual(['Asking hosts', 'failed: no manager answers'])
  })
})
