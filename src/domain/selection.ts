import { closest } from 'fastest-levenshtein'
import { usageError } from '../errors.ts'
import { naturalOrder } from './natural-order.ts'
import { namesOf, readPattern } from './ranges/pattern.ts'
import { splitTerms, type Term } from './ranges/term.ts'

/** The names that a selection chooses from. */
export interface FleetNames {
  readonly names: readonly string[]
  /**
   * Members by group, without the `@`; members that are not in `names` do not count. `all` is built in. Only the
   * groups that `groupsIn` reports need to be there, beside those to be suggested for a mistyped one.
   */
  readonly groups: ReadonlyMap<string, readonly string[]>
}

export interface Selection {
  /** What exists, each name once, by its first mention; what a wildcard or group matches is in natural order. */
  readonly names: string[]
  /** What was named, alone or in a range, and does not exist. */
  readonly missing: string[]
}

/** Groups that are known without being declared. */
const BUILT_IN_GROUPS = ['all', 'failed', 'managers', 'workers']

/**
 * Chooses from what exists: names and ranges as in `expand`, `node*` and `node?`, `@group`, `!` before any of
 * these to leave them out. Exclusions alone start from everything.
 * @throws `bad-pattern`; `unknown-group`; `no-match` when a wildcard or group matches nothing, when an excluded name
 *   is neither there nor chosen (it may be a mistyped one that was to be spared), or when nothing is left
 */
export function select(text: string | readonly string[], fleet: FleetNames): Selection {
  const terms = splitTerms(text)
  const lookup = { ...fleet, names: [...fleet.names].sort(naturalOrder), known: new Set(fleet.names) }
  const included = terms.filter(term => !term.excluded)
  const chosen = new Set(included.length > 0 ? included.flatMap(term => include(term, lookup)) : lookup.names)
  const excluded = new Set(terms.filter(term => term.excluded).flatMap(term => exclude(term, lookup, chosen)))
  const left = [...chosen].filter(name => !excluded.has(name))
  if (left.length === 0) throw noMatch('the selection is empty: nothing is left after the exclusions')
  return {
    names: left.filter(name => lookup.known.has(name)),
    missing: left.filter(name => !lookup.known.has(name)),
  }
}

/**
 * The groups that a selection uses, without the `@`: the caller resolves only these, as some cost a round trip.
 * @throws `bad-pattern`
 */
export function groupsIn(text: string | readonly string[]): string[] {
  return [...new Set(splitTerms(text).filter(isGroup).map(groupName))]
}

interface Lookup extends FleetNames {
  readonly known: ReadonlySet<string>
}

/** The names a term stands for. Wildcards and groups stand for what exists; other names may be missing. */
type Matcher = (term: Term, fleet: Lookup) => string[]

function matcherOf(term: Term): Matcher {
  if (isGroup(term)) return matchGroup
  return hasWildcard(term.text) ? matchWildcards : matchNames
}

function include(term: Term, fleet: Lookup): string[] {
  const names = matcherOf(term)(term, fleet)
  if (names.length === 0) throw noMatch(`${term.text} matches no machine`)
  return names
}

function exclude(term: Term, fleet: Lookup, chosen: ReadonlySet<string>): string[] {
  const matcher = matcherOf(term)
  const names = matcher(term, fleet)
  if (matcher === matchNames && !names.some(name => fleet.known.has(name) || chosen.has(name))) {
    throw noMatch(`!${term.text} leaves out nothing: there is no such machine`)
  }
  return names
}

function matchNames(term: Term): string[] {
  return [...namesOf([readPattern(term)])]
}

function matchWildcards(term: Term, { names }: Lookup): string[] {
  return matchNames(term).flatMap(pattern => {
    const wildcard = wildcardExpression(pattern)
    return names.filter(name => wildcard.test(name))
  })
}

function matchGroup(term: Term, { names, groups, known }: Lookup): string[] {
  const group = groupName(term)
  const members = group === 'all' ? names : groups.get(group)
  if (!members)
    throw unknownGroup(group, [...new Set([...BUILT_IN_GROUPS, ...groups.keys()])].sort(naturalOrder))
  return members.filter(name => known.has(name)).sort(naturalOrder)
}

function isGroup(term: Term): boolean {
  return term.text.startsWith('@')
}

function groupName(term: Term): string {
  return term.text.slice(1)
}

function hasWildcard(text: string): boolean {
  return /[*?]/.test(text)
}

function wildcardExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[\\^$.+()|{}]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 's')
}

function noMatch(message: string) {
  return usageError('no-match', message, { hint: 'belt ls shows the machines there are' })
}

function unknownGroup(group: string, known: readonly string[]) {
  const list = known.map(name => `@${name}`).join(', ')
  return usageError('unknown-group', `there is no group @${group}; did you mean @${closest(group, known)}?`, {
    hint: `the groups are ${list}`,
    details: { group, known },
  })
}
