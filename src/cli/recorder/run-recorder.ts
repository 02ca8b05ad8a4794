import { dirname, relative } from 'node:path'
import { inspect } from 'node:util'
import { Journal } from '../../config/journal.ts'
import { RunLog, runId } from '../../config/run-log.ts'
import { ignoreState } from '../../config/state-folder.ts'
import { type Cluster, logFolder } from '../../config/workspace.ts'
import type { JournalEntry } from '../../domain/journal-entry.ts'
import { type Act, currentContext, type Ending, type NoteEnd, type Recorder } from '../../record.ts'
import { EntryWriter } from './entry-writer.ts'
import { Masker } from './masker.ts'

/** How much of an answer to log. Successful ones are short, because an hour of waiting takes thousands of requests. */
const SHOWN_CHARS = { ok: 500, failed: 4000, unknown: 4000 }

/** A run of Belt, as the journal and the log show it. */
export interface Run {
  /** Belt's command line, without secrets. */
  readonly line: string
  /** The command for the name of the log, such as `swarm-drain`. */
  readonly command: string
  /** Belt's version. */
  readonly version: string
}

export interface RecorderSettings {
  readonly cluster: Cluster
  readonly run: Run
  /** The user and machine that run it. */
  readonly by: string
  /** The values of the secrets to mask. */
  readonly secrets: readonly string[]
  /** Called once, if the journal or the log cannot be written. */
  readonly warn: (message: string) => void
}

/** Writes the journal and the debug log of one run. Creates no file before something is contacted. */
export class RunRecorder implements Recorder {
  readonly #cluster: Cluster
  readonly #masker: Masker
  readonly #entries: EntryWriter
  readonly #log: RunLog
  readonly #journal: Journal
  #opened: Promise<void> | undefined
  #acts = 0

  constructor({ cluster, run, by, secrets, warn }: RecorderSettings) {
    const id = runId(new Date(), process.pid)
    const onFailure = warnOnce(cluster, warn)
    this.#cluster = cluster
    this.#masker = new Masker(secrets)
    this.#entries = new EntryWriter({ run: id, by, belt: run.line }, this.#masker)
    this.#log = new RunLog(logFolder(cluster), id, run.command, onFailure)
    this.#journal = new Journal(cluster, onFailure)
    this.log(run.line)
    this.log(`belt ${run.version}, node ${process.version}, ${process.platform}-${process.arch}, ${by}`)
  }

  log(text: string): void {
    this.#log.write(this.#masker.mask(text))
  }

  async begin(act: Act): Promise<NoteEnd> {
    this.#opened ??= this.#open()
    await this.#opened
    if (act.journaled) await this.#journal.open()
    this.#acts += 1
    const context = currentContext()
    const entry = this.#entries.begun(this.#acts, act, context)
    const target = act.host ?? act.machine ?? this.#cluster.name
    this.#log.write(`#${entry.id} ${target}: ${entry.command}${act.journaled ? ' (a change)' : ''}`)
    if (act.journaled) await this.#journal.add(entry)
    const start = performance.now()
    return async ending => {
      const durationMs = Math.round(performance.now() - start)
      const ended = this.#entries.ended(entry, ending, durationMs, context)
      this.#logEnd(ended, ending)
      if (act.journaled) await this.#journal.add(ended)
    }
  }

  /**
   * Logs a failure with its causes.
   * @returns the path of the log, relative if it is below the current folder; undefined if there is no log
   */
  failed(error: unknown): string | undefined {
    this.log(`failed: ${inspect(error, { depth: 4, maxStringLength: SHOWN_CHARS.failed })}`)
    this.#log.flush()
    const { path } = this.#log
    const seen = path && relative(process.cwd(), path)
    return seen?.startsWith('..') ? path : seen
  }

  /** Logs the exit code and closes the files. */
  ended(exitCode: number): void {
    this.log(`exit code ${exitCode}`)
    this.#log.close()
    this.#journal.close()
  }

  async #open(): Promise<void> {
    await ignoreState(dirname(this.#cluster.folder)).catch(() => {})
    await this.#log.open()
  }

  #logEnd({ id, error, durationMs }: JournalEntry, { result, exitCode, output = {} }: Ending): void {
    const code = exitCode === undefined ? '' : `, exit code ${exitCode}`
    const lines = Object.entries(output)
      .filter(([, text]) => text !== '')
      .map(([name, text]) => `\n${name}: ${this.#masker.maskedTail(text, SHOWN_CHARS[result])}`)
    const reason = error === undefined ? '' : `: ${error}`
    this.#log.write(`#${id} ${result}${code} after ${durationMs} ms${reason}${lines.join('')}`)
  }
}

/** Warns about the first failure to write the journal or the log. */
function warnOnce(cluster: Cluster, warn: (message: string) => void): (reason: string) => void {
  let hasWarned = false
  return reason => {
    if (!hasWarned) warn(`warning: the journal and log in ${logFolder(cluster)} are incomplete: ${reason}`)
    hasWarned = true
  }
}
