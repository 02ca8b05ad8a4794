import { usageError } from '../errors.ts'
import { naturalOrder } from './natural-order.ts'
import { splitTerms, type Term } from './ranges/term.ts'
import {
  asksSwarm,
  groupName,
  isGroup,
  isPlain,
  type Lookup,
  namesOfTerm,
  partsOf,
} from './selection/matchers.ts'
import type { Facts } from './selection/selectors.ts'

export { type Facts, type NodeFacts, selectsNodes } from './selection/selectors.ts'

/** What a selection chooses from. */
export interface FleetNames {
  readonly names: readonly string[]
  /**
   * Members by group, without the `@`; members that are not in `names` do not count. `all` is built in. Only the
   * groups that `needsOf` reports need to be there, beside those to be suggested for a mistyped one.
   */
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** By name; only selectors need them, and their nodes only where `needsOf` reports the swarm. */
  readonly facts?: ReadonlyMap<string, Facts>
}

export interface Selection {
  /** What exists, each name once, by its first mention; what a wildcard or group matches is in natural order. */
  readonly names: string[]
  /** What was named, alone or in a range, and does not exist. */
  readonly missing: string[]
}

/**
 * Chooses from what exists: names and ranges as in `expand`, `node*` and `node?`, `@group`, `leader`, selectors such as
 * `role=worker`, what `&` joins, `!` before any of these to leave them out. Exclusions alone start from everything.
 * @throws `bad-pattern`; `bad-selector`; `unknown-group`; `no-match` when a term that is no name matches nothing, when
 *   an excluded name is neither there nor chosen (it may be a mistyped one that was to be spared), or when nothing is
 *   left; `none-failed` when only `@failed` was asked for, and no host failed
 */
export function select(text: string | readonly string[], fleet: FleetNames): Selection {
  const terms = splitTerms(text)
  const lookup = lookupOf(fleet)
  const included = terms.filter(term => !term.excluded)
  const chosen = new Set(included.length > 0 ? included.flatMap(term => include(term, lookup)) : lookup.names)
  const excluded = new Set(terms.filter(term => term.excluded).flatMap(term => exclude(term, lookup, chosen)))
  const left = [...chosen].filter(name => !excluded.has(name))
  if (left.length === 0) {
    const asked = included.length > 0 && included.every(term => isNoneFailed(term, lookup))
    throw asked ? noneFailed() : nothingLeft()
  }
  return {
    names: left.filter(name => lookup.known.has(name)),
    missing: left.filter(name => !lookup.known.has(name)),
  }
}

/** What a selection asks for beside names: the caller reads only this, as some of it costs a round trip. */
export interface Needs {
  /** Groups, without the `@`. */
  readonly groups: readonly string[]
  /** Whether a manager has to be asked for its nodes. */
  readonly swarm: boolean
}

/**
 * @param names those that exist
 * @throws `bad-pattern`; `bad-selector`
 */
export function needsOf(text: string | readonly string[], names: readonly string[]): Needs {
  const parts = splitTerms(text).flatMap(partsOf)
  const known = new Set(names)
  return {
    groups: [...new Set(parts.filter(isGroup).map(groupName))],
    swarm: parts.map(part => asksSwarm(part, known)).includes(true),
  }
}

function lookupOf({ names, groups, facts = new Map() }: FleetNames): Lookup {
  return { names: [...names].sort(naturalOrder), known: new Set(names), groups, facts }
}

function include(term: Term, fleet: Lookup): string[] {
  const names = namesOfTerm(term, fleet)
  if (names.length === 0 && !isNoneFailed(term, fleet)) throw noMatch(`${term.text} matches no machine`)
  return names
}

function exclude(term: Term, fleet: Lookup, chosen: ReadonlySet<string>): string[] {
  const names = namesOfTerm(term, fleet)
  if (isPlain(term, fleet) && !names.some(name => fleet.known.has(name) || chosen.has(name))) {
    throw noMatch(`!${term.text} leaves out nothing: there is no such machine`)
  }
  return names
}

/** That no host failed is no mistake in the selection, as a wildcard that matches nothing may be. */
function isNoneFailed(term: Term, { groups }: Lookup): boolean {
  return groups.get('failed')?.length === 0 && partsOf(term).some(part => part.text === '@failed')
}

function noneFailed() {
  return usageError('none-failed', 'no host failed in the last run', {
    hint: '@failed names the hosts that failed in the last run on several hosts',
  })
}

function nothingLeft() {
  return noMatch('the selection is empty: nothing is left after the exclusions')
}

function noMatch(message: string) {
  return usageError('no-match', message, { hint: 'belt ls shows the machines there are' })
}
