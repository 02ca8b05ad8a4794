import { type Bracket, countOf, numbersOf, readBracket } from './bracket.ts'
import { badTerm, type Term } from './term.ts'

/** Text that stands for itself. */
interface Literal {
  readonly start: number
  readonly text: string
}

/** A name with its ranges: `dc[1:2]-n[1:3]` has two literals and two brackets. */
export interface Pattern {
  readonly term: Term
  readonly parts: readonly (Literal | Bracket)[]
}

/** A pattern with more names than this is probably a typo. */
const MOST_NAMES = 10_000

const PART = /\[[^\]]*\]|[^[\]]+|[[\]]/g

/**
 * Parses a term as a name with ranges; all other characters are part of the name.
 * @throws `bad-pattern`
 */
export function readPattern(term: Term): Pattern {
  const parts = [...term.text.matchAll(PART)].map(({ 0: text, index }) => readPart(term, text, index))
  if (parts.every(part => 'ranges' in part)) {
    throw badTerm(term, [0, term.text.length], 'the range has no name', `write node${term.text}`)
  }
  return { term, parts }
}

function readPart(term: Term, text: string, start: number): Literal | Bracket {
  if (text === '[') throw badTerm(term, [start, term.text.length], 'the bracket is never closed')
  if (text === ']') throw badTerm(term, [start, start + 1], 'the bracket was never opened')
  return text.startsWith('[') ? readBracket(term, text, start) : { start, text }
}

/**
 * Expands patterns to distinct names, in order.
 * @throws `bad-pattern` for more than 10,000 names, before any is expanded
 */
export function namesMatching(patterns: readonly Pattern[]): Set<string> {
  let total = 0
  for (const { term, parts } of patterns) {
    total += parts.reduce((count, part) => count * ('ranges' in part ? countOf(part) : 1), 1)
    if (total > MOST_NAMES) {
      const problem = `the pattern has more than ${MOST_NAMES.toLocaleString('en')} names`
      throw badTerm(term, [0, term.text.length], problem, 'use fewer names at a time')
    }
  }
  return new Set(patterns.flatMap(pattern => combine(pattern.parts.map(textsOf))))
}

function textsOf(part: Literal | Bracket): string[] {
  return 'ranges' in part ? numbersOf(part) : [part.text]
}

/** All combinations of one choice per position; the last position varies fastest. */
export function combine(choices: readonly (readonly string[])[]): string[] {
  return choices.reduce<string[]>(
    (texts, endings) => texts.flatMap(text => endings.map(ending => text + ending)),
    [''],
  )
}
