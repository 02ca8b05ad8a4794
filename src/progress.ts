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
  start(title: string, total?: number): Task
  /** Something worth knowing that belongs to no task, such as a warning. */
  note(message: string): void
}

export interface Task {
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
