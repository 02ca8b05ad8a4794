import { reasonOf } from './errors.ts'
import type { Recorder } from './record.ts'

/**
 * Reports the progress of long work. Operations, steps, drivers and hosts know only this port; the user interface decides
 * how to show it: as spinners with counts on a terminal, or as plain lines elsewhere. No method throws or blocks.
 */
export interface Progress {
  /**
   * Starts a piece of work.
   * @param title a phrase such as "Creating machines"
   * @param total the number of items, if they are counted
   */
  start(title: string, total?: number): ProgressTask
  /** Shows a message that belongs to no task, such as a warning. */
  note(message: string): void
}

export interface ProgressTask {
  /** Counts one more finished item; `detail` names it. */
  step(detail?: string): void
  /** Shows what the task is doing now, next to the title. */
  update(detail: string): void
  done(detail?: string): void
  fail(reason: string): void
}

const silentTask: ProgressTask = { step() {}, update() {}, done() {}, fail() {} }

/** Shows nothing. */
export const silentProgress: Progress = { start: () => silentTask, note() {} }

/** How long work is expected to take at most. */
const SLOW_MS = 2000
/** The error itself is shown in full, or is none for whoever catches it. */
const LONGEST_REASON = 80

/**
 * Shows work only if it takes longer than usual: most runs should print nothing about it, and none should be silent.
 * @param work may tell what it is waiting for
 */
export async function whileSlow<T>(
  progress: Progress,
  title: string,
  work: (tell: (detail: string) => void) => Promise<T>,
): Promise<T> {
  let task: ProgressTask | undefined
  let told = ''
  const timer = setTimeout(() => {
    task = progress.start(title)
    if (told) task.update(told)
  }, SLOW_MS)
  try {
    const value = await work(detail => {
      told = detail
      task?.update(detail)
    })
    task?.done()
    return value
  } catch (error) {
    task?.fail(`${reasonOf(error).split('\n', 1)[0]?.slice(0, LONGEST_REASON)}`)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Updates are logged at most this often, because transfers report every chunk. */
const UPDATE_LOGGED_EVERY_MS = 1000

/** Progress that is also written to the debug log, even if it is not shown. Work on nothing is not shown. */
export function recordedProgress(progress: Progress, recorder: Recorder): Progress {
  return {
    start(title, total) {
      const task = total === 0 ? silentTask : progress.start(title, total)
      const logging = (word: string, show: (detail: string) => void) => (detail?: string) => {
        recorder.log([title, word, detail].filter(Boolean).join(': '))
        show(detail as string)
      }
      recorder.log(`${title} ...`)
      const logUpdate = logging('', () => {})
      let loggedAt = Number.NEGATIVE_INFINITY
      return {
        step: logging('', detail => task.step(detail)),
        update(detail) {
          task.update(detail)
          if (performance.now() - loggedAt < UPDATE_LOGGED_EVERY_MS) return
          loggedAt = performance.now()
          logUpdate(detail)
        },
        done: logging('done', detail => task.done(detail)),
        fail: logging('failed', reason => task.fail(reason)),
      }
    },
    note(message) {
      recorder.log(message)
      progress.note(message)
    },
  }
}
