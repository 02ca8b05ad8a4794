import { checkLabels } from './ranges/label.ts'
import { namesMatching, readPattern } from './ranges/pattern.ts'
import { badTerm, splitTerms, type Term } from './ranges/term.ts'

export { fold, foldShort } from './ranges/fold.ts'

/**
 * The names of machines to be made: `node[1:4]`, `node[01:10]`, `node[1:3,7]`, `node[0:10/2]`, `dc[1:2]-n[1:3]`,
 * `node[1-4]`, several of them separated by commas or spaces, `!node3` to leave one out wherever it stands.
 * @param text what the user typed, as one text or as words
 * @returns one to 10,000 names in the order they are written, each once, each a DNS label
 * @throws `bad-pattern`, with a caret under the fault
 */
export function expand(text: string | readonly string[]): string[] {
  const terms = splitTerms(text)
  const excluded = namesOfAll(terms.filter(term => term.excluded))
  const included = namesOfAll(terms.filter(term => !term.excluded))
  const names = [...included].filter(name => !excluded.has(name))
  if (names.length === 0) throw badExpression(terms, 'nothing is left to be named')
  refuseTwins(names, terms)
  return names
}

function namesOfAll(terms: readonly Term[]): Set<string> {
  return namesMatching(
    terms.map(term => {
      refuseMatching(term)
      const pattern = readPattern(term)
      checkLabels(pattern)
      return pattern
    }),
  )
}

/** Nothing exists yet that a wildcard or a group could match. */
function refuseMatching(term: Term): void {
  const matching = /^@.*|[*?]/.exec(term.text)
  if (!matching) return
  const span = [matching.index, matching.index + matching[0].length] as const
  throw badTerm(term, span, `new machines need names: ${matching[0]} only matches what exists`)
}

/** DNS and the swarm's host names do not tell `Node1` from `node1`. */
function refuseTwins(names: readonly string[], terms: readonly Term[]): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const twin = seen.get(name.toLowerCase())
    if (twin) throw badExpression(terms, `${twin} and ${name} differ only in upper and lower case`)
    seen.set(name.toLowerCase(), name)
  }
}

/** A fault of all terms together. */
function badExpression(terms: readonly Term[], problem: string) {
  const [first] = terms as [Term]
  const last = terms.at(-1) ?? first
  return badTerm(first, [0, last.start + last.text.length - first.start], problem)
}
