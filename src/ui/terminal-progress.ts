import type { ProgressTask } from '../progress.ts'
import { colorsFor } from './color.ts'
import { elapsedSince } from './elapsed.ts'
import type { ProgressDisplay } from './progress.ts'
import { Spinner } from './spinner.ts'

/** How long work runs before it gets a spinner. */
const SPINNER_DELAY_MS = 300
/** How long work runs before its line says for how long, which is then drawn anew every second. */
const ELAPSED_FROM_MS = 2000
const REDRAW_MS = 1000

/**
 * Progress on a terminal: one line per piece of work, with a spinner and a count. Nested work is shown as the current
 * detail of the outer work. The spinner is erased before anything else is written, and redrawn below it.
 */
export class TerminalProgress implements ProgressDisplay {
  readonly #out: NodeJS.WriteStream
  #running: Line | undefined
  #spinner: Spinner | undefined
  #timer: NodeJS.Timeout | undefined
  #redraw: NodeJS.Timeout | undefined
  #isErasing = false
  #isHeld = false
  /** Writes that wait until the spinner is erased and nobody holds the terminal. */
  readonly #waiting: (() => void)[] = []

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  start(title: string, total?: number): ProgressTask {
    if (this.#running) return nested(this.#running, title)
    const chalk = colorsFor(this.#out)
    const line = new Line(title, total, {
      onChange: text => this.#spinner?.show(text),
      onEnd: (mark, text) => {
        this.#running = undefined
        this.note(`${mark === 'done' ? chalk.green('✔') : chalk.red('✖')} ${text}`)
      },
    })
    this.#running = line
    this.#spinLater()
    return line
  }

  note(message: string): void {
    this.write(() => this.#out.write(`${message}\n`))
  }

  write(action: () => void): void {
    this.#waiting.push(action)
    if (!this.#spinner) this.#flush()
    else if (!this.#isErasing) void this.#erase(this.#spinner)
  }

  async hold<T>(work: () => Promise<T>): Promise<T> {
    await new Promise<void>(resolve =>
      this.write(() => {
        this.#isHeld = true
        resolve()
      }),
    )
    try {
      return await work()
    } finally {
      this.#isHeld = false
      this.#flush()
    }
  }

  stop(): void {
    this.#running?.fail('')
  }

  async #erase(spinner: Spinner): Promise<void> {
    this.#isErasing = true
    clearInterval(this.#redraw)
    await spinner.erase()
    this.#isErasing = false
    this.#spinner = undefined
    this.#flush()
  }

  #flush(): void {
    while (!this.#isHeld && this.#waiting.length > 0) this.#waiting.shift()?.()
    this.#spinLater()
  }

  #spinLater(): void {
    clearTimeout(this.#timer)
    if (this.#running) this.#timer = setTimeout(() => this.#spin(), SPINNER_DELAY_MS)
  }

  #spin(): void {
    if (!this.#running || this.#spinner || this.#isHeld) return
    const spinner = new Spinner(this.#out, this.#running.text)
    this.#spinner = spinner
    this.#redraw = setInterval(() => this.#running && spinner.show(this.#running.text), REDRAW_MS)
  }
}

interface LineEvents {
  onChange(text: string): void
  /** Called once. */
  onEnd(result: 'done' | 'failed', text: string): void
}

/** One piece of work as a line of text. */
class Line implements ProgressTask {
  readonly #title: string
  readonly #total: number | undefined
  readonly #events: LineEvents
  #count = 0
  readonly #startedAt = performance.now()
  #detail = ''
  #hasEnded = false

  constructor(title: string, total: number | undefined, events: LineEvents) {
    this.#title = title
    this.#total = total
    this.#events = events
  }

  get text(): string {
    const count = this.#total === undefined ? '' : `${this.#count}/${this.#total}`
    const elapsed = elapsedSince(this.#startedAt, ELAPSED_FROM_MS)
    return [this.#title, count, this.#detail, elapsed && `(${elapsed})`].filter(Boolean).join(' ')
  }

  step(detail = ''): void {
    this.#count += 1
    this.update(detail)
  }

  update(detail: string): void {
    if (this.#hasEnded) return
    this.#detail = detail
    this.#events.onChange(this.text)
  }

  done(detail = ''): void {
    this.#end('done', detail)
  }

  fail(reason: string): void {
    this.#end('failed', '', reason)
  }

  #end(result: 'done' | 'failed', detail: string, reason = ''): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#detail = detail
    this.#events.onEnd(result, [this.text, reason].filter(Boolean).join(': '))
  }
}

function nested(outer: ProgressTask, title: string): ProgressTask {
  outer.update(title)
  return {
    step() {},
    update: detail => outer.update(`${title}: ${detail}`),
    done() {},
    fail: reason => outer.update(`${title}: ${reason}`),
  }
}
