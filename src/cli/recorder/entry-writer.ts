import type { JournalEntry } from '../../domain/journal-entry.ts'
import { type Act, Change, type Ending, type OperationContext } from '../../record.ts'
import type { Masker } from './masker.ts'

const MAX_ERROR_CHARS = 500

/** What all journal entries of a run have in common. */
type RunFields = Pick<JournalEntry, 'run' | 'by' | 'belt'>

/** Writes the journal entries of a run, without secrets. */
export class EntryWriter {
  readonly #run: RunFields
  readonly #masker: Masker

  constructor(run: RunFields, masker: Masker) {
    this.#run = run
    this.#masker = masker
  }

  /** The entry for an action that is about to start. */
  begun(id: number, { host, machine, what, command, before }: Act, context?: OperationContext): JournalEntry {
    const { run, by, belt } = this.#run
    return {
      at: new Date().toISOString(),
      run,
      id,
      by,
      belt,
      ...(host !== undefined && { host }),
      ...(machine !== undefined && { machine }),
      what: this.#masker.maskRepeated(context?.title ?? what),
      ...this.#optional('before', before ?? valuesOf(context, 'before')),
      command: this.#masker.maskRepeated(command),
      result: 'begun',
    }
  }

  /** The same entry once the action has ended. */
  ended(
    entry: JournalEntry,
    { result, exitCode, error, after }: Ending,
    durationMs: number,
    context?: OperationContext,
  ): JournalEntry {
    return {
      ...entry,
      ...(result === 'ok' && this.#optional('after', after ?? valuesOf(context, 'after'))),
      result,
      ...(exitCode !== undefined && { exitCode }),
      ...this.#optional('error', error && this.#masker.maskedTail(error, MAX_ERROR_CHARS)),
      durationMs,
    }
  }

  #optional<K extends string>(key: K, text: string | undefined): Partial<Record<K, string>> {
    return text ? ({ [key]: this.#masker.mask(text) } as Record<K, string>) : {}
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
