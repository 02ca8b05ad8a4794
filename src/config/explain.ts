import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'
import { driverNames, isDriverName } from '../drivers/registry.ts'
import type { Path } from './document.ts'
import { needsQuotes } from './problems.ts'
import { keysAt } from './schema-tree.ts'

type Issue = z.core.$ZodIssue

/** What is shown of a key that may be the line of another file. */
const IS_WORD = /^[\w.-]{1,40}$/

/** A problem with the value at a path of a config. */
export interface Fault {
  readonly path: Path
  readonly message: string
}

/** Describes a schema error in plain words. */
export function explain(issue: Issue, schema: z.ZodType, data: unknown): Fault[] {
  const path = issue.path as Path
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => ({ path: [...path, key], message: unknownKey(path, key, schema) }))
    case 'invalid_union':
      return explainUnion(issue, schema, data)
    case 'invalid_key':
      return [{ path, message: `${path.join('.')}: ${plain(issue.issues[0]?.message ?? issue.message)}` }]
    default: {
      const problem = isMissing(issue, data) ? 'missing' : plain(issue.message)
      const wantsText = issue.code === 'invalid_type' && issue.expected === 'string'
      return [{ path, message: `${path.join('.')}: ${problem}${wantsText ? quotesHint(path, data) : ''}` }]
    }
  }
}

function quotesHint(path: Path, data: unknown): string {
  return needsQuotes(valueAt(data, path)) ? ': put it in quotes' : ''
}

/** "unknown key", with the key that was probably meant, otherwise with the known keys. */
export function unknownKey(path: Path, key: string, schema: z.ZodType): string {
  if (path.length === 0 && isDriverName(key))
    return `${key}: the config already names a driver, and only one is allowed`
  const known = path.length === 0 ? [...keysAt(schema, path), ...driverNames] : keysAt(schema, path)
  const place = path.length === 0 ? '' : ` in ${path.join('.')}`
  if (!IS_WORD.test(key)) return `this is no key of a config${place}`
  if (known.length === 0) return `${path.join('.')} has no keys, so ${JSON.stringify(key)} is not valid`
  return `unknown key ${JSON.stringify(key)}${place}, ${suggestion(key, [...new Set(known)])}`
}

/** "did you mean" if a known word is similar, otherwise the list of known words. */
export function suggestion(word: string, known: readonly string[]): string {
  const nearest = closest(word, known)
  const isNear = distance(word, nearest) <= Math.max(2, nearest.length / 3)
  return isNear ? `did you mean "${nearest}"?` : `known: ${known.join(', ')}`
}

/** The errors of the alternative whose type matches the value, otherwise the accepted types. */
function explainUnion(issue: Issue & { code: 'invalid_union' }, schema: z.ZodType, data: unknown): Fault[] {
  const meant = issue.errors.find(issues => !issues.some(inner => isWrongType(inner)))
  if (meant) {
    return meant.flatMap(inner => explain({ ...inner, path: [...issue.path, ...inner.path] }, schema, data))
  }
  const types = issue.errors.flat().flatMap(inner => (inner.code === 'invalid_type' ? [inner.expected] : []))
  const path = issue.path as Path
  const problem = valueAt(data, path) === undefined ? 'missing' : `expected ${types.join(' or ')}`
  const hint = types.includes('string') ? quotesHint(path, data) : ''
  return [{ path, message: `${path.join('.')}: ${problem}${hint}` }]
}

function isWrongType(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.path.length === 0
}

function isMissing(issue: Issue, data: unknown): boolean {
  return issue.code === 'invalid_type' && valueAt(data, issue.path as Path) === undefined
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], data)
}

function plain(message: string): string {
  return message.replace(/^Invalid (input|option): /, '')
}
