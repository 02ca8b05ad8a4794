import type { JournalEntry } from '../domain/journal-entry.ts'
import { type ListView, list } from './list.ts'

const LONGEST_COMMAND = 60

/** Changes as a table, with failures and their reasons. Times are local. */
export function journalTable(entries: readonly JournalEntry[], view: ListView = {}): string {
  return list(
    ['TIME', 'BY', 'COMMAND', 'HOST', 'CHANGE', 'RESULT'],
    entries.map(entry => [
      localTime(new Date(entry.at)),
      entry.by,
      short(entry.belt),
      entry.host ?? entry.machine ?? '',
      inWords(entry),
      [entry.result, entry.error?.split('\n').at(-1)].filter(Boolean).join(': '),
    ]),
    view,
  )
}

/** Says how many commands are not in the table, and how to see them; undefined if there are none. */
export function leftOutNote(count: number): string | undefined {
  if (count === 0) return undefined
  const commands = count === 1 ? '1 command' : `${count} commands`
  return `${commands} of belt exec and belt ssh left out; belt log --all shows them`
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
