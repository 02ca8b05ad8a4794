import type { Progress, Task } from '../progress.ts'

/** Progress as fits where it is shown: a spinner on a terminal that is no robot's, else plain lines. */
export function openProgress(out: NodeJS.WriteStream): Progress {
  const isTerminal = out.isTTY && !process.env.CI && process.env.TERM !== 'dumb'
  return isTerminal ? terminalProgress(out) : plainProgress(out)
}

/** How long counted work may say nothing in a log. */
const QUIET_MS = 10_000

/** Progress as plain lines, for logs and pipes: one when work starts, one when it ends, and few between. */
export function plainProgress(out: NodeJS.WritableStream, quietMs = QUIET_MS): Progress {
  const say = (line: string) => out.write(`${line}\n`)
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
        done: detail => void say(`${title}: done${counted()}${detail ? `, ${detail}` : ''}`),
        fail: reason => say(`${title}: failed${counted()}, ${reason}`),
      }
    },
    note: message => say(message),
  }
}

/** How long work may take before it is worth a spinner. */
const SPINNER_DELAY_MS = 300

/**
 * Progress on a terminal: one line per piece of work with a spinner and a count, however many machines it has. Work
 * inside other work shows as what the outer one is at. Notes wait until the spinner is gone.
 */
export function terminalProgress(out: NodeJS.WriteStream): Progress {
  let running: Task | undefined
  /** Of lines whose work has ended; undefined: they are drawn. */
  let drawing: Promise<void> | undefined
  const notes: string[] = []
  const flushNotes = () => {
    for (const note of notes.splice(0)) out.write(`${note}\n`)
  }
  const ended = (line: Promise<void> | undefined) => {
    running = undefined
    const drawn = line?.then(() => {
      flushNotes()
      if (drawing === drawn) drawing = undefined
    })
    drawing = drawn
    if (!drawn) flushNotes()
  }
  return {
    start(title, total) {
      if (running) return nested(running, title)
      running = spinner(out, title, total, { before: drawing, ended })
      return running
    },
    note(message) {
      notes.push(message)
      if (!running && !drawing) flushNotes()
    },
  }
}

/** A line among others: work that has ended is drawn a moment later, and the next begins meanwhile. */
interface Line {
  /** The drawing of the lines before; undefined: they are drawn. */
  readonly before: Promise<void> | undefined
  /** Told as the work ends, with the drawing of its line; undefined: it is drawn. */
  ended(drawing: Promise<void> | undefined): void
}

function spinner(
  out: NodeJS.WriteStream,
  title: string,
  total: number | undefined,
  { before, ended }: Line,
): Task {
  let count = 0
  let detail = ''
  let show: ((text: string) => void) | undefined
  let starting: ReturnType<typeof renderWithListr> | undefined
  const text = () => [title, total === undefined ? '' : `${count}/${total}`, detail].filter(Boolean).join(' ')
  const start = async () => {
    await before
    return renderWithListr(out, text())
  }
  const timer = setTimeout(async () => {
    starting = start()
    show = (await starting).show
  }, SPINNER_DELAY_MS)

  async function finish(rendering: ReturnType<typeof renderWithListr>, reason?: string): Promise<void> {
    const renderer = await rendering
    renderer.show(text())
    await renderer.finish(reason === undefined ? undefined : new Error(reason))
  }

  function end(mark: string, reason?: string): Promise<void> | undefined {
    clearTimeout(timer)
    const write = () => void out.write(`${mark} ${[text(), reason].filter(Boolean).join(': ')}\n`)
    const line = starting ? finish(starting, reason) : before?.then(write)
    if (!line) write()
    ended(line)
    return line
  }

  return {
    step(item) {
      count += 1
      detail = item ?? ''
      show?.(text())
    },
    update(item) {
      detail = item
      show?.(text())
    },
    done(item) {
      detail = item ?? ''
      return end('✔')
    },
    fail(reason) {
      detail = ''
      void end('✖', reason)
    },
  }
}

/** Shows a spinner with a text until it is finished. */
async function renderWithListr(out: NodeJS.WriteStream, title: string) {
  const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import('listr2')
  // listr2 asks whether stdout is a terminal, whatever it draws on, and else writes its lines there, among the data
  class TerminalRenderer extends DefaultRenderer {
    static override nonTTY = true
  }
  let show: (text: string) => void = () => {}
  let settle: (error?: Error) => void = () => {}
  const ended = new Promise<void>((resolve, reject) => {
    settle = error => (error ? reject(error) : resolve())
  })
  const listr = new Listr(
    [
      {
        title,
        task: (_, task) => {
          show = text => {
            task.title = text
          }
          return ended
        },
      },
    ],
    {
      renderer: TerminalRenderer,
      fallbackRendererCondition: false,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: {
        logger: new ListrLogger({ useIcons: true, processOutput: new ProcessOutput(out, out) }),
      },
    },
  )
  const rendered = listr.run().then(() => {})
  return {
    show: (text: string) => show(text),
    finish: (error?: Error) => {
      settle(error)
      return rendered
    },
  }
}

function nested(outer: Task, title: string): Task {
  outer.update(title)
  return {
    step() {},
    update: detail => outer.update(`${title}: ${detail}`),
    done() {},
    fail: reason => outer.update(`${title}: ${reason}`),
  }
}
