import { AsyncLocalStorage } from 'node:async_hooks'

/** What becomes of something, as a sentence, beside the two values that it speaks of. */
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

/** What a piece of work is for; what it sends to hosts is noted under this title. */
export interface OperationContext {
  readonly title: string
  /** What it changes, where that is known beforehand. */
  readonly changes?: readonly (string | Change)[]
}

const contexts = new AsyncLocalStorage<OperationContext>()

/** Does work that changes something, and lets those who note it know what it is for. */
export function inContext<T>(context: OperationContext, work: () => Promise<T>): Promise<T> {
  return contexts.run(context, work)
}

/** What the work that calls this is for. */
export function currentContext(): OperationContext | undefined {
  return contexts.getStore()
}

/** Something that is asked of a host, or of the vendor of a machine. */
export interface Act {
  /** The name of the host or the machine; absent for what belongs to the cluster as a whole. */
  readonly host?: string
  readonly machine?: string
  /** What it is, where no context says better. */
  readonly what: string
  /** What is sent, without the secrets in it. */
  readonly command: string
  /** Whether it is, or may be, a change. */
  readonly journaled: boolean
  readonly before?: string | undefined
}

/** How it ended. Unknown is what was sent and got no answer. */
export interface Ending {
  readonly result: 'ok' | 'failed' | 'unknown'
  readonly after?: string | undefined
  readonly exitCode?: number
  readonly error?: string | undefined
  /** What was answered, for the debug log. */
  readonly output?: Readonly<Record<string, string>>
}

/** Takes how an act ended; the end of a change is on disk when this resolves. Never rejects. */
export type NoteEnd = (ending: Ending) => Promise<void>

/**
 * Is told what happens to hosts and machines, and underneath. No method throws, and none fails the work that it is
 * told of. Secrets that it finds are left out.
 */
export interface Recorder {
  /** Something worth a line of the debug log. */
  log(text: string): void
  /** An act that is about to begin; a change is on disk when this resolves. @returns what takes its end */
  begin(act: Act): Promise<NoteEnd>
}

/** Notes nothing. */
export const silentRecorder: Recorder = { log() {}, begin: async () => async () => {} }
