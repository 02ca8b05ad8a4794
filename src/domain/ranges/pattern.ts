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

/** More names than this in one pattern is taken for a slip of the finger. */
const MOST_NAMES = 10_000

const PART = /\[[^\]]*\]|[^[\]]+|[[\]]/g

/**
 * Reads a term as a name with ranges; any other character counts as part of the name.
 * @throws `bad-pattern`
 */
export function readPattern(term: Term): Pattern {
  const parts = [...term.text.matchAll(PART)].map(({ 0: text, index }) => readPart(term, text, index))
  if (parts.every(part => 'ranges' in part)) {
    throw badTerm(term, [0, term.text.length], 'the range has no name beside it', `write node${term.text}`)
  }
  return { term, parts }
}

function readPart(term: Term, text: string, start: number): Literal | Bracket {
  if (text === '[') throw badTerm(term, [start, term.text.length], 'the bracket is never closed')
  if (text === ']') throw badTerm(term, [start, start + 1], 'the bracket was never opened')
  return text.startsWith('[') ? readBracket(term, text, start) : { start, text }
}

/**
 * The names that patterns stand for, in their order, each once.
 * @throws `bad-pattern` when there are more than 10,000, before a single one is made
 */
export function namesMatching(patterns: readonly Pattern[]): Set<string> {
  let total = 0
  for (const { term, parts } of patterns) {
    total += parts.reduce((count, part) => count * ('ranges' in part ? countOf(part) : 1), 1)
    if (total > MOST_NAMES) {
      const problem = `these are more than ${MOST_NAMES.toLocaleString('en')} names`
      throw badTerm(term, [0, term.text.length], problem, 'name fewer at a time')
    }
  }
  return new Set(patterns.flatMap(pattern => combine(pattern.parts.map(textsOf))))
}

function textsOf(part: Literal | Bracket): string[] {
  return 'ranges' in part ? numbersOf(part) : [part.text]
}

/** Every text made of one choice for each place, the last place varying fastest. */
export function combine(choices: readonly (readonly string[])[]): string[] {
  return choices.reduce<string[]>(
    (texts, endings) => texts.flatMap(text => endings.map(ending => text + ending)),
    [''],
  )
}
