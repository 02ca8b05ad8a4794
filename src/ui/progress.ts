import type { Progress } from '../progress.ts'
import { TerminalProgress } from './terminal-progress.ts'

/** Shows progress, and makes way for everything else that is written to the same terminal. */
export interface ProgressDisplay extends Progress {
  /** Calls `action` when nothing is drawn, at once if possible. Actions are called in the order they were given. */
  write(action: () => void): void
  /** Draws and writes nothing until `work` has ended, so that it can ask a question. */
  hold<T>(work: () => Promise<T>): Promise<T>
  /** Ends the work that still runs as failed. */
  stop(): void
}

/** Progress as it suits the output: a spinner on a terminal, unless that belongs to a robot, or else plain lines. */
export function openProgress(out: NodeJS.WriteStream): ProgressDisplay {
  const isTerminal = out.isTTY && !process.env.CI && process.env.TERM !== 'dumb'
  return isTerminal ? new TerminalProgress(out) : plainProgress(out)
}

/** How long counted work may stay silent in a log. */
const QUIET_MS = 10_000

/** Progress as plain lines for logs and pipes: one when work starts, one when it ends, and a few between. */
export function plainProgress(out: NodeJS.WritableStream, quietMs = QUIET_MS): ProgressDisplay {
  const say = (line: string) => void out.write(`${line}\n`)
  return {
    start(title, total) {
      let count = 0
      let saidAt = performance.now()
      const counted = () => (total === undefined ? '' : ` ${count}/${total}`)
      say(`${title}${total === undefined ? '' : ` (${total})`} ...`)
      return {
        step(detail) {
          count += 1
          if (performance.now() - saidAt < quietMs) return
          saidAt = performance.now()
          say(`${title}:${counted()}${detail ? `, ${detail}` : ''}`)
        },
        update() {},
        done: detail => say(`${title}: done${counted()}${detail ? `, ${detail}` : ''}`),
        fail: reason => say(`${title}: failed${counted()}, ${reason}`),
      }
    },
    note: say,
    write: action => action(),
    hold: work => work(),
    stop() {},
  }
}
