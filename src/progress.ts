import type { Recorder } from './record.ts'

/**
 * What long work tells about itself. Operations, steps, drivers and hosts know only this port; how it looks
 * (spinners with counts on a terminal, plain lines elsewhere, nothing with `--json`) is the user interface's affair.
 * No method throws or blocks.
 */
export interface Progress {
  /**
   * Begins a piece of work.
   * @param title a phrase such as "Creating machines"
   * @param total how many items it has, when they are counted
   */
  start(title: string, total?: number): ProgressTask
  /** Something worth knowing that belongs to no task, such as a warning. */
  note(message: string): void
}

export interface ProgressTask {
  /** One more item is done; `detail` names it. */
  step(detail?: string): void
  /** What is being waited for now, shown beside the title. */
  update(detail: string): void
  done(detail?: string): void
  fail(reason: string): void
}

/** Progress that nobody watches. */
export const silentProgress: Progress = {
  start: () => ({ step() {}, update() {}, done() {}, fail() {} }),
  note() {},
}

/** A transfer tells of every piece that has passed. */
const UPDATE_NOTED_EVERY_MS = 1000

/** Progress that is noted in the debug log as well, however much of it is shown. */
export function recordedProgress(progress: Progress, recorder: Recorder): Progress {
  return {
    start(title, total) {
      const task = progress.start(title, total)
      const noting = (word: string, tell: (detail: string) => void) => (detail?: string) => {
        recorder.log([title, word, detail].filter(Boolean).join(': '))
        tell(detail as string)
      }
      recorder.log(`${title} ...`)
      const notingUpdate = noting('', () => {})
      let notedAt = Number.NEGATIVE_INFINITY
      return {
        step: noting('', detail => task.step(detail)),
        update(detail) {
          task.update(detail)
          if (performance.now() - notedAt < UPDATE_NOTED_EVERY_MS) return
          notedAt = performance.now()
          notingUpdate(detail)
        },
        done: noting('done', detail => task.done(detail)),
        fail: noting('failed', reason => task.fail(reason)),
      }
    },
    note(message) {
      recorder.log(message)
      progress.note(message)
    },
  }
}
