import { foldShort } from '../domain/ranges.ts'
import type { Progress } from '../progress.ts'

/** When this few hosts are left, they are named, so that a hanging one can be seen. */
const NAMED_LEFT = 10
const LONGEST_TITLE = 50

/** Shows how many hosts have finished, and which ones are still running. */
export function waitingProgress(progress: Progress, title: string, names: readonly string[]) {
  const left = new Set(names)
  const task = progress.start(shortened(title), names.length)
  return {
    ended(name: string): void {
      left.delete(name)
      task.step(left.size > 0 && left.size <= NAMED_LEFT ? `waiting for ${foldShort(left)}` : undefined)
    },
    done: () => task.done(),
  }
}

function shortened(title: string): string {
  const [line = ''] = title.split('\n', 1)
  return line.length < title.length || line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE)}…` : line
}
