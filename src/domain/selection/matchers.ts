import { closest } from 'fastest-levenshtein'
import { usageError } from '../../errors.ts'
import { naturalOrder } from '../natural-order.ts'
import { namesMatching, readPattern } from '../ranges/pattern.ts'
import { badTerm, type Term } from '../ranges/term.ts'
import { type Facts, isSelector, readSelector } from './selectors.ts'

/** The machines that a selection chooses from. */
export interface Lookup {
  /** In natural order. */
  readonly names: readonly string[]
  readonly known: ReadonlySet<string>
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly facts: ReadonlyMap<string, Facts>
}

/** Groups that always exist. */
const BUILT_IN_GROUPS = ['all', 'failed', 'managers', 'workers']

/** Selects the swarm's leader, unless a machine has this name. */
const LEADER = 'leader'

/**
 * Splits a term into the conditions that must all hold: `role=worker&label=zone:a` has two.
 * @throws `bad-pattern` for an empty part, or an exclusion inside the term
 */
export function partsOf(term: Term): Term[] {
  let at = 0
  return term.text.split('&').map(text => {
    const start = at
    at += text.length + 1
    if (text === '') throw badTerm(term, [start, start + 1], 'a condition is missing next to the &')
    if (text.startsWith('!')) {
      throw badTerm(term, [start, start + 1], 'an exclusion cannot follow an &', 'to exclude, use ,!NAME')
    }
    return { ...term, text, start: term.start + start }
  })
}

/**
 * The names that a term selects. Plain names and ranges may include machines that do not exist; everything else selects
 * only existing ones.
 */
export function namesOfTerm(term: Term, fleet: Lookup): string[] {
  const [first = [], ...others] = partsOf(term).map(part => new Set(namesOfPart(part, fleet)))
  return [...first].filter(name => others.every(names => names.has(name)))
}

function namesOfPart(part: Term, fleet: Lookup): string[] {
  if (isGroup(part)) return matchGroup(part, fleet)
  if (isLeader(part, fleet.known)) return matchFacts(fleet, ({ node }) => node?.isLeader === true)
  if (isSelector(part.text)) return matchFacts(fleet, readSelector(part).holds)
  return hasWildcard(part.text) ? matchWildcards(part, fleet) : matchNames(part)
}

/** Whether a term is a name or a range, which may include machines that do not exist. */
export function isPlain(term: Term, { known }: Pick<Lookup, 'known'>): boolean {
  const { text } = term
  return !/[@*?&]/.test(text) && !isSelector(text) && !isLeader(term, known)
}

/** Whether evaluating a part needs a manager. */
export function asksSwarm(part: Term, known: ReadonlySet<string>): boolean {
  if (isGroup(part)) return ['managers', 'workers'].includes(groupName(part))
  return isLeader(part, known) || (isSelector(part.text) && readSelector(part).asksSwarm)
}

export function isGroup(term: Term): boolean {
  return term.text.startsWith('@')
}

/** Without the `@`. */
export function groupName(term: Term): string {
  return term.text.slice(1)
}

function isLeader(part: Term, known: ReadonlySet<string>): boolean {
  return part.text === LEADER && !known.has(LEADER)
}

function matchNames(term: Term): string[] {
  return [...namesMatching([readPattern(term)])]
}

function matchFacts({ names, facts }: Lookup, holds: (facts: Facts) => boolean): string[] {
  return names.filter(name => {
    const known = facts.get(name)
    return known !== undefined && holds(known)
  })
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

function hasWildcard(text: string): boolean {
  return /[*?]/.test(text)
}

function wildcardExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[\\^$.+()|{}]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 's')
}

function unknownGroup(group: string, known: readonly string[]) {
  const list = known.map(name => `@${name}`).join(', ')
  return usageError('unknown-group', `no such group: @${group}; did you mean @${closest(group, known)}?`, {
    hint: `the groups are ${list}`,
    details: { group, known },
  })
}
