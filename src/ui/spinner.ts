/** A line with a spinner, drawn until it is erased. */
export class Spinner {
  #text: string
  #show: ((text: string) => void) | undefined
  #stop: () => void = () => {}
  readonly #drawing: Promise<void>

  constructor(out: NodeJS.WriteStream, text: string) {
    this.#text = text
    const stopped = new Promise<void>(resolve => {
      this.#stop = resolve
    })
    this.#drawing = this.#draw(out, stopped)
  }

  show(text: string): void {
    this.#text = text
    this.#show?.(text)
  }

  /** Erases the line. Resolves when it is gone from the terminal. */
  erase(): Promise<void> {
    this.#stop()
    return this.#drawing
  }

  async #draw(out: NodeJS.WriteStream, stopped: Promise<void>): Promise<void> {
    const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import('listr2')
    // listr2 only checks stdout for a terminal, and without one it writes its lines there, among the data.
    class TerminalRenderer extends DefaultRenderer {
      static override nonTTY = true
    }
    const listr = new Listr(
      [
        {
          title: this.#text,
          task: (_, task) => {
            this.#show = text => {
              task.title = text
            }
            return stopped
          },
        },
      ],
      {
        renderer: TerminalRenderer,
        fallbackRendererCondition: false,
        registerSignalListeners: false,
        rendererOptions: {
          clearOutput: true,
          logger: new ListrLogger({ useIcons: true, processOutput: new ProcessOutput(out, out) }),
        },
      },
    )
    await listr.run()
  }
}
