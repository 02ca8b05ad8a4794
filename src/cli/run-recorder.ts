import { dirname, relative } from 'node:path'
import { inspect } from 'node:util'
import { Journal } from '../config/journal.ts'
import { RunLog, runId } from '../config/run-log.ts'
import { ignoreState } from '../config/state-folder.ts'
import { type Cluster, logFolder } from '../config/workspace.ts'
import type { JournalEntry } from '../domain/journal-entry.ts'
import { redact, redactedTail } from '../domain/redact.ts'
import {
  type Act,
  Change,
  currentContext,
  type Ending,
  type NoteEnd,
  type OperationContext,
  type Recorder,
} from '../record.ts'

/** How much of an answer to log. Successful ones are short, because an hour of waiting takes thousands of requests. */
const SHOWN_CHARS = { ok: 500, failed: 4000, unknown: 4000 }
const SHOWN_ERROR_CHARS = 500
/** A run sends about ten different commands to its hosts at a time. */
const KEPT_CLEANED = 100

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
  readonly #settings: RecorderSettings
  readonly #id = runId(new Date(), process.pid)
  readonly #log: RunLog
  readonly #journal: Journal
  #opened: Promise<void> | undefined
  /** Recently masked texts, by their originals. */
  readonly #cleaned = new Map<string, string>()
  #acts = 0

  constructor(settings: RecorderSettings) {
    this.#settings = settings
    const { cluster, run, by } = settings
    let isTold = false
    const onFailure = (reason: string) => {
      if (!isTold)
        settings.warn(`warning: the journal and log in ${logFolder(cluster)} are incomplete: ${reason}`)
      isTold = true
    }
    this.#log = new RunLog(logFolder(cluster), this.#id, run.command, onFailure)
    this.#journal = new Journal(cluster, onFailure)
    this.log(run.line)
    this.log(`belt ${run.version}, node ${process.version}, ${process.platform}-${process.arch}, ${by}`)
  }

  log(text: string): void {
    this.#log.write(this.#clean(text))
  }

  async begin(act: Act): Promise<NoteEnd> {
    this.#opened ??= this.#open()
    await this.#opened
    if (act.journaled) await this.#journal.open()
    this.#acts += 1
    const context = currentContext()
    const entry = this.#entryOf(act, context)
    const target = act.host ?? act.machine ?? this.#settings.cluster.name
    this.#log.write(`#${entry.id} ${target}: ${entry.command}${act.journaled ? ' (a change)' : ''}`)
    if (act.journaled) await this.#journal.add(entry)
    const start = performance.now()
    return async ending => {
      const ended = this.#endOf(entry, context, ending, Math.round(performance.now() - start))
      this.#logEnd(ended, ending)
      if (act.journaled) await this.#journal.add(ended)
    }
  }

  /** Logs a failure with its causes. @returns the path of the log, relative if it is below the current folder; undefined without a log */
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
    await ignoreState(dirname(this.#settings.cluster.folder)).catch(() => {})
    await this.#log.open()
  }

  #entryOf({ host, machine, what, command, before }: Act, context?: OperationContext): JournalEntry {
    const { run, by } = this.#settings
    return {
      at: new Date().toISOString(),
      run: this.#id,
      id: this.#acts,
      by,
      belt: run.line,
      ...(host !== undefined && { host }),
      ...(machine !== undefined && { machine }),
      what: this.#cleanAgain(context?.title ?? what),
      ...this.#optional('before', before ?? valuesOf(context, 'before')),
      command: this.#cleanAgain(command),
      result: 'begun',
    }
  }

  #endOf(
    entry: JournalEntry,
    context: OperationContext | undefined,
    { result, exitCode, error, after }: Ending,
    durationMs: number,
  ): JournalEntry {
    return {
      ...entry,
      ...(result === 'ok' && this.#optional('after', after ?? valuesOf(context, 'after'))),
      result,
      ...(exitCode !== undefined && { exitCode }),
      ...this.#optional('error', error && redactedTail(error, this.#settings.secrets, SHOWN_ERROR_CHARS)),
      durationMs,
    }
  }

  #logEnd({ id, error, durationMs }: JournalEntry, { result, exitCode, output = {} }: Ending): void {
    const code = exitCode === undefined ? '' : `, exit code ${exitCode}`
    const lines = Object.entries(output)
      .filter(([, text]) => text !== '')
      .map(([name, text]) => `\n${name}: ${redactedTail(text, this.#settings.secrets, SHOWN_CHARS[result])}`)
    const reason = error === undefined ? '' : `: ${error}`
    this.#log.write(`#${id} ${result}${code} after ${durationMs} ms${reason}${lines.join('')}`)
  }

  #optional<K extends string>(key: K, text: string | undefined): Partial<Record<K, string>> {
    return text ? ({ [key]: this.#clean(text) } as Record<K, string>) : {}
  }

  /** The same, for texts that repeat for many hosts. */
  #cleanAgain(text: string): string {
    const known = this.#cleaned.get(text)
    if (known !== undefined) return known
    const clean = this.#clean(text)
    if (this.#cleaned.size >= KEPT_CLEANED) this.#cleaned.clear()
    this.#cleaned.set(text, clean)
    return clean
  }

  #clean(text: string): string {
    return redact(text, this.#settings.secrets)
  }
}

/** The values before or after a context's changes. A change without values is a sentence about the result. */
function valuesOf(context: OperationContext | undefined, which: 'before' | 'after'): string | undefined {
  const words = context?.changes?.map(change => {
    if (change instanceof Change) return change[which]
    return which === 'after' ? change : ''
  })
  return words?.filter(Boolean).join(', ')
}
