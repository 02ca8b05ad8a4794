import type { JournalEntry } from '../domain/journal-entry.ts'
import { table } from './table.ts'

const LONGEST_COMMAND = 60

/** Changes as a table, with failures and their reasons. Times are local. */
export function journalTable(entries: readonly JournalEntry[]): string {
  return table(
    ['TIME', 'BY', 'COMMAND', 'HOST', 'CHANGE', 'RESULT'],
    entries.map(entry => [
      localTime(new Date(entry.at)),
      entry.by,
      short(entry.belt),
      entry.host ?? entry.machine ?? '',
      inWords(entry),
      [entry.result, entry.error?.split('\n').at(-1)].filter(Boolean).join(': '),
    ]),
  )
}

function inWords({ what, before, after }: JournalEntry): string {
  const values = [before, after].filter(Boolean).join(' -> ')
  return values ? `${what} (${values})` : what
}

function short(line: string): string {
  const words = line.replaceAll(/\s+/g, ' ')
  return words.length > LONGEST_COMMAND ? `${words.slice(0, LONGEST_COMMAND - 2)} …` : words
}

function localTime(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19).replace('T', ' ')
}
