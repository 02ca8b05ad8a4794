import type { Progress, Task } from '../progress.ts'

/** Progress as fits where it is shown: a spinner on a terminal that is no robot's, else plain lines. */
export function openProgress(out: NodeJS.WriteStream): Progress {
  const isTerminal = out.isTTY && !process.env.CI && process.env.TERM !== 'dumb'
  return isTerminal ? terminalProgress(out) : plainProgress(out)
}

/** Progress as plain lines, for logs and pipes: one when work starts, one when it ends. */
export function plainProgress(out: NodeJS.WritableStream): Progress {
  const say = (line: string) => out.write(`${line}\n`)
  return {
    start(title, total) {
      let count = 0
      const counted = () => (total === undefined ? '' : ` ${count}/${total}`)
      say(`${title}${total === undefined ? '' : ` (${total})`} ...`)
      return {
        step() {
          count += 1
        },
        update() {},
        done: detail => say(`${title}: done${counted()}${detail ? `, ${detail}` : ''}`),
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
  const notes: string[] = []
  const flushNotes = () => {
    running = undefined
    for (const note of notes.splice(0)) out.write(`${note}\n`)
  }
  return {
    start(title, total) {
      if (running) return nested(running, title)
      running = spinner(out, title, total, flushNotes)
      return running
    },
    note(message) {
      notes.push(message)
      if (!running) flushNotes()
    },
  }
}

function spinner(out: NodeJS.WriteStream, title: string, total: number | undefined, ended: () => void): Task {
  let count = 0
  let detail = ''
  let show: ((text: string) => void) | undefined
  let finish: ((error?: Error) => Promise<void>) | undefined
  const text = () => [title, total === undefined ? '' : `${count}/${total}`, detail].filter(Boolean).join(' ')
  const timer = setTimeout(async () => {
    const renderer = await renderWithListr(out, text())
    show = renderer.show
    finish = renderer.finish
  }, SPINNER_DELAY_MS)

  function end(mark: string, reason?: string): void {
    clearTimeout(timer)
    show?.(text())
    const finished = finish?.(reason === undefined ? undefined : new Error(reason))
    if (finished) void finished.then(ended)
    else {
      out.write(`${mark} ${[text(), reason].filter(Boolean).join(': ')}\n`)
      ended()
    }
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
      end('✔')
    },
    fail(reason) {
      detail = ''
      end('✖', reason)
    },
  }
}

/** Shows a spinner with a text until it is finished. */
async function renderWithListr(out: NodeJS.WriteStream, title: string) {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2')
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
      renderer: 'default',
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
