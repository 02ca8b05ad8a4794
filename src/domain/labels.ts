import { usageError } from '../errors.ts'
import { Change } from '../record.ts'
import { selectsNodes } from './selection.ts'

/** What shall become of labels: some set, some removed. */
export interface LabelEdit {
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

/** What Docker takes is wider, but such keys cannot be used in every constraint and filter. */
const KEY = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i

/**
 * Parts the words of a command: `key=value` sets a label, `key-` removes one, all others name nodes. So does the first
 * word when it is a selector: `role=worker zone=a` labels the workers.
 * @throws a usage error for a key that is malformed or edited twice: Docker would silently keep the last
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
      if (!KEY.test(key)) throw badLabel(word, 'a key has letters, digits, and . _ - between them')
      if (set.has(key) || remove.includes(key))
        throw badLabel(word, `${key} is there twice; a label has one value`)
      if (separator === -1) remove.push(key)
      else set.set(key, word.slice(separator + 1))
    }
  }
  return { nodes, edit: { set, remove } }
}

function badLabel(word: string, reason: string) {
  return usageError('bad-label', `"${word}" is no change of a label: ${reason}`, {
    hint: 'write key=value to set a label, key- to remove it',
  })
}

/** What an edit changes in the labels there are; empty when nothing. */
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
