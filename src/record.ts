import { AsyncLocalStorage } from 'node:async_hooks'

/** A change, as a sentence and as the values before and after. */
export class Change {
  readonly sentence: string
  readonly before: string
  readonly after: string

  constructor(sentence: string, before: string, after: string) {
    this.sentence = sentence
    this.before = before
    this.after = after
  }

  toString(): string {
    return this.sentence
  }
}

/** Describes the current operation; everything it sends to hosts is recorded under this title. */
export interface OperationContext {
  readonly title: string
  /** What it changes, if known in advance. */
  readonly changes?: readonly (string | Change)[]
}

const contexts = new AsyncLocalStorage<OperationContext>()

/** Runs work in an operation context, which recorders can read. */
export function inContext<T>(context: OperationContext, work: () => Promise<T>): Promise<T> {
  return contexts.run(context, work)
}

/** The context of the calling work. */
export function currentContext(): OperationContext | undefined {
  return contexts.getStore()
}

/** An action on a host or a machine. */
export interface Act {
  /** The name of the host or machine; absent for resources of the whole cluster. */
  readonly host?: string
  readonly machine?: string
  /** A description, used if there is no operation context. */
  readonly what: string
  /** The command or call, without secrets. */
  readonly command: string
  /** Whether it may change something. */
  readonly journaled: boolean
  readonly before?: string | undefined
}

/** How an action ended. `unknown`: it was sent but not answered. */
export interface Ending {
  readonly result: 'ok' | 'failed' | 'unknown'
  readonly after?: string | undefined
  readonly exitCode?: number
  readonly error?: string | undefined
  /** The answer, for the debug log. */
  readonly output?: Readonly<Record<string, string>>
}

/** Records how an action ended. For changes, the record is on disk when this resolves. Never rejects. */
export type NoteEnd = (ending: Ending) => Promise<void>

/**
 * Records what Belt does to hosts and machines, and other events. No method throws or affects the recorded work. Masks
 * secrets.
 */
export interface Recorder {
  /** Adds a line to the debug log. */
  log(text: string): void
  /** Records an action before it starts; a change is on disk when this resolves. @returns records how it ended */
  begin(act: Act): Promise<NoteEnd>
}

/** Records nothing. */
export const silentRecorder: Recorder = { log() {}, begin: async () => async () => {} }
