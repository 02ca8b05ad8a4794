import { checkLabels, type NameKind } from './ranges/label.ts'
import { namesMatching, readPattern } from './ranges/pattern.ts'
import { badTerm, splitTerms, type Term } from './ranges/term.ts'

export { fold, foldShort } from './ranges/fold.ts'
export type { NameKind } from './ranges/label.ts'

/**
 * Expands a pattern to the names of new machines: `node[1:4]`, `node[01:10]`, `node[1:3,7]`, `node[0:10/2]`,
 * `dc[1:2]-n[1:3]`, `node[1-4]`, or several of these separated by commas or spaces. `!node3` excludes a name.
 * @param text the pattern as typed, as one text or as words
 * @param kind whose names: of machines to create, or of hosts that exist, which may have dots
 * @returns 1 to 10,000 distinct names in the order of the pattern, each a DNS label, or several joined by dots
 * @throws `bad-pattern`, with a caret under the fault
 */
export function expand(text: string | readonly string[], kind: NameKind = 'machine'): string[] {
  const terms = splitTerms(text)
  const excluded = namesOfAll(
    terms.filter(term => term.excluded),
    kind,
  )
  const included = namesOfAll(
    terms.filter(term => !term.excluded),
    kind,
  )
  const names = [...included].filter(name => !excluded.has(name))
  if (names.length === 0) throw badExpression(terms, 'no names are left after the exclusions')
  assertDistinct(names, terms)
  return names
}

function namesOfAll(terms: readonly Term[], kind: NameKind): Set<string> {
  return namesMatching(
    terms.map(term => {
      assertLiteral(term)
      const pattern = readPattern(term)
      checkLabels(pattern, kind)
      return pattern
    }),
  )
}

/** Wildcards and groups can only match machines that exist. */
function assertLiteral(term: Term): void {
  const matching = /^@.*|[*?]/.exec(term.text)
  if (!matching) return
  const span = [matching.index, matching.index + matching[0].length] as const
  throw badTerm(term, span, `new machines need names: ${matching[0]} matches only existing machines`)
}

/** DNS and swarm host names are case-insensitive. */
function assertDistinct(names: readonly string[], terms: readonly Term[]): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const twin = seen.get(name.toLowerCase())
    if (twin) throw badExpression(terms, `${twin} and ${name} differ only in upper and lower case`)
    seen.set(name.toLowerCase(), name)
  }
}

/** An error about all terms together. */
function badExpression(terms: readonly Term[], problem: string) {
  const [first] = terms as [Term]
  const last = terms.at(-1) ?? first
  return badTerm(first, [0, last.start + last.text.length - first.start], problem)
}
