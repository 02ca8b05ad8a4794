import { shownLine, shownText } from '../domain/shown.ts'
import type { Progress } from '../progress.ts'
import { elapsedSince } from './elapsed.ts'
import { TerminalProgress } from './terminal-progress.ts'

/** Shows progress, and clears it while something else is written to the same terminal. */
export interface ProgressDisplay extends Progress {
  /** Calls `action` when nothing is drawn, at once if possible. Actions run in order. */
  write(action: () => void): void
  /** Draws and writes nothing while `work` runs, so that it can ask a question. */
  hold<T>(work: () => Promise<T>): Promise<T>
  /** Marks running work as failed. */
  stop(): void
}

/** Shows progress as a spinner on a terminal, or as plain lines in CI, logs and pipes. */
export function openProgress(out: NodeJS.WriteStream): ProgressDisplay {
  const isTerminal = out.isTTY && !process.env.CI && process.env.TERM !== 'dumb'
  return harmless(isTerminal ? new TerminalProgress(out) : plainProgress(out))
}

/** Titles and details name hosts, and notes quote them: none of them may steer the terminal. */
function harmless(display: ProgressDisplay): ProgressDisplay {
  const shown = (detail: string | undefined) => detail && shownLine(detail)
  return {
    start(title, total) {
      const task = display.start(shownLine(title), total)
      return {
        step: detail => task.step(shown(detail)),
        update: detail => task.update(shownLine(detail)),
        done: detail => task.done(shown(detail)),
        fail: reason => task.fail(shownLine(reason)),
      }
    },
    note: message => display.note(shownText(message)),
    write: action => display.write(action),
    hold: work => display.hold(work),
    stop: () => display.stop(),
  }
}

/** The minimum interval between lines for counted work. */
const QUIET_MS = 10_000

/**
 * Progress as plain lines for logs and pipes: one when work starts, one when it ends, and a few in between. Work that
 * takes longer than `quietMs` also says for how long it has been running.
 */
export function plainProgress(out: NodeJS.WritableStream, quietMs = QUIET_MS): ProgressDisplay {
  const say = (line: string) => void out.write(`${line}\n`)
  return {
    start(title, total) {
      const startedAt = performance.now()
      let count = 0
      let saidAt = startedAt
      const state = (word: string, detail?: string) => {
        const counted = [word, total === undefined ? '' : `${count}/${total}`].filter(Boolean).join(' ')
        const facts = [counted, detail, elapsedSince(startedAt, quietMs)].filter(Boolean)
        return `${title}: ${facts.join(', ')}`
      }
      const sayNowAndThen = (detail?: string) => {
        if (performance.now() - saidAt < quietMs) return
        saidAt = performance.now()
        say(state('', detail))
      }
      say(`${title}${total === undefined ? '' : ` (${total})`} ...`)
      return {
        step(detail) {
          count += 1
          sayNowAndThen(detail)
        },
        update: sayNowAndThen,
        done: detail => say(state('done', detail)),
        fail: reason => say(state('failed', reason)),
      }
    },
    note: say,
    write: action => action(),
    hold: work => work(),
    stop() {},
  }
}
