import type { Progress, Task } from '../progress.ts'

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

/** Progress on a terminal: one line per piece of work with a spinner and a count, however many machines it has. */
export async function terminalProgress(out: NodeJS.WriteStream): Promise<Progress> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2')
  let running: Task | undefined

  function start(title: string, total?: number): Task {
    let count = 0
    let finish: (error?: Error) => void = () => {}
    let show: (text: string) => void = () => {}
    const ended = new Promise<void>((resolve, reject) => {
      finish = error => (error ? reject(error) : resolve())
    })
    const counted = (detail?: string) =>
      [title, total === undefined ? '' : `${count}/${total}`, detail ?? ''].filter(Boolean).join(' ')
    const listr = new Listr(
      [
        {
          title: counted(),
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
    void listr.run()
    const task: Task = {
      step(detail) {
        count += 1
        show(counted(detail))
      },
      update: detail => show(counted(detail)),
      done(detail) {
        show(counted(detail))
        running = undefined
        finish()
      },
      fail(reason) {
        show(counted())
        running = undefined
        finish(new Error(reason))
      },
    }
    running = task
    return task
  }

  return {
    start: (title, total) => (running ? nested(running, title) : start(title, total)),
    note: message => (running ? running.update(message) : void out.write(`${message}\n`)),
  }
}

/** Work inside other work shows as what the outer is waiting for. */
function nested(outer: Task, title: string): Task {
  outer.update(title)
  return {
    step() {},
    update: detail => outer.update(`${title}: ${detail}`),
    done() {},
    fail: reason => outer.update(`${title}: ${reason}`),
  }
}
