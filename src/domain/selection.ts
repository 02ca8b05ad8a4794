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

/** The machines that a selection chooses from. */
export interface FleetNames {
  readonly names: readonly string[]
  /**
   * Members by group, without the `@`. Members that are not in `names` are ignored. `all` is built in. Needs to contain
   * only the groups that `needsOf` reports, and any to suggest for a mistyped group.
   */
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** By name. Only selectors need them, and they need nodes only if `needsOf` reports `swarm`. */
  readonly facts?: ReadonlyMap<string, Facts>
}

export interface Selection {
  /** The selected machines that exist, without duplicates, in the order given; wildcards and groups in natural order. */
  readonly names: string[]
  /** Names that were given explicitly or in a range but do not exist. */
  readonly missing: string[]
}

/**
 * Selects machines: by names and ranges as in `expand`, wildcards (`node*`, `node?`), `@group`, `leader`, and selectors
 * such as `role=worker`. `&` combines conditions, and `!` excludes. Exclusions alone start from all machines.
 * @throws `bad-pattern`; `bad-selector`; `unknown-group`; `no-match` if a term other than a name matches nothing, if an
 *   excluded name does not exist (it may be a typo for a machine to spare), or if nothing is left; `none-failed` if only
 *   `@failed` was selected and no host failed
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

/** What a selection needs besides names. Some of it costs a round trip, so the caller reads only this. */
export interface Needs {
  /** Groups, without the `@`. */
  readonly groups: readonly string[]
  /** Whether the nodes must be read from a manager. */
  readonly swarm: boolean
}

/**
 * @param names the existing machines
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
    throw noMatch(`!${term.text} excludes nothing: no such machine`)
  }
  return names
}

/** Whether the term is `@failed` and no host failed, which is not a mistake in the selection. */
function isNoneFailed(term: Term, { groups }: Lookup): boolean {
  return groups.get('failed')?.length === 0 && partsOf(term).some(part => part.text === '@failed')
}

function noneFailed() {
  return usageError('none-failed', 'no host failed in the last run', {
    hint: '@failed selects the hosts that failed in the last run on several hosts',
  })
}

function nothingLeft() {
  return noMatch('the selection is empty: no machine is left after the exclusions')
}

function noMatch(message: string) {
  return usageError('no-match', message, { hint: 'run belt ls to list the machines' })
}
