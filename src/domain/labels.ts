import { usageError } from '../errors.ts'
import { Change } from '../record.ts'
import { selectsNodes } from './selection.ts'

/** Labels to set and labels to remove. */
export interface LabelEdit {
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

/** Docker accepts more, but such keys do not work in every constraint and filter. */
const KEY = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i

/**
 * Splits the arguments of a command: `key=value` sets a label, `key-` removes one, all others name nodes. The first word
 * may be a selector: `role=worker zone=a` labels the workers.
 * @throws a usage error if a key is invalid or given twice, because Docker would silently use the last one
 */
export function parseLabelWords(words: readonly string[]): { nodes: string[]; edit: LabelEdit } {
  const nodes: string[] = []
  const set = new Map<string, string>()
  const remove: string[] = []
  for (const [index, word] of words.entries()) {
    const separator = word.indexOf('=')
    const key = separator === -1 ? word.slice(0, -1) : word.slice(0, separator)
    const namesNodes = separator === -1 ? !word.endsWith('-') : index === 0 && selectsNodes(word)
    if (namesNodes) nodes.push(word)
    else {
      if (!KEY.test(key))
        throw badLabel(word, 'a key consists of letters and digits, with . _ - between them')
      if (set.has(key) || remove.includes(key)) throw badLabel(word, `${key} is given twice`)
      if (separator === -1) remove.push(key)
      else set.set(key, word.slice(separator + 1))
    }
  }
  return { nodes, edit: { set, remove } }
}

function badLabel(word: string, reason: string) {
  return usageError('bad-label', `invalid label "${word}": ${reason}`, {
    hint: 'use key=value to set a label, and key- to remove it',
  })
}

/** The changes that an edit makes to the current labels. */
export function labelChanges(
  current: Readonly<Record<string, string>>,
  { set, remove }: LabelEdit,
): Change[] {
  const now = (key: string) => (key in current ? `${key}=${current[key]}` : `no ${key}`)
  return [
    ...[...set]
      .filter(([key, value]) => current[key] !== value)
      .map(([key, value]) => new Change(`${key}=${value}`, now(key), `${key}=${value}`)),
    ...remove.filter(key => key in current).map(key => new Change(`${key} removed`, now(key), `no ${key}`)),
  ]
}
