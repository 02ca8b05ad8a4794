import { describe, expect, it } from 'vitest'
import type { Progress } from '../../src/progress.ts'
import { waitingProgress } from '../../src/ui/waiting-progress.ts'

/** Progress that records its calls. */
function recorded() {
  const told: string[] = []
  const progress: Progress = {
    start(title, total) {
      told.push(`${title} of ${total}`)
      return {
        step: detail => void told.push(detail ?? '-'),
        update() {},
        done: () => void told.push('done'),
        fail() {},
      }
    },
    note() {},
  }
  return { told, progress }
}

describe('waitingProgress', () => {
  it('names those that are still waited for when they are few', async () => {
    const { told, progress } = recorded()
    const names = Array.from({ length: 12 }, (_, index) => `node${index + 1}`)
    const waiting = waitingProgress(progress, 'Running uptime', names)
    for (const name of ['node12', 'node3', 'node1']) waiting.ended(name)
    for (const name of names.filter(each => !['node7', 'node12', 'node3', 'node1'].includes(each)))
      waiting.ended(name)
    waiting.ended('node7')
    await waiting.done()
    expect(told.slice(0, 4)).toEqual([
      'Running uptime of 12',
      '-',
      'waiting for node[1:2,4:11]',
      'waiting for node[2,4:11]',
    ])
    expect(told.slice(-3)).toEqual(['waiting for node7', '-', 'done'])
  })

  it('shortens a title that is long or has several lines', () => {
    const { told, progress } = recorded()
    waitingProgress(progress, `Running ${'x'.repeat(100)}`, [])
    waitingProgress(progress, 'Running one\ntwo', [])
    expect(told).toEqual([`Running ${'x'.repeat(42)}… of 0`, 'Running one… of 0'])
  })
})
