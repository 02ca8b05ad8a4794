import { type BeltError, usageError } from '../../errors.ts'

/** One of the comma- or space-separated parts of a pattern. */
export interface Term {
  /** The whole pattern as typed, for errors. */
  readonly source: string
  /** Where `text` starts in `source`. */
  readonly start: number
  /** Without the `!` of an exclusion. */
  readonly text: string
  readonly excluded: boolean
}

/** A word that may contain separators inside brackets (an unclosed one extends to the end), or a comma. */
const TOKEN = /(?:\[[^\]]*\]?|[^\s,[])+|,/g

/**
 * Splits a pattern, as one text or as words, into its terms.
 * @throws `bad-pattern` if a term is empty, or there is none
 */
export function splitTerms(text: string | readonly string[]): Term[] {
  const source = typeof text === 'string' ? text : text.join(' ')
  const terms: Term[] = []
  let comma = -1
  let awaitsName = true
  for (const { 0: token, index } of source.matchAll(TOKEN)) {
    if (token !== ',') terms.push(termAt(source, index, token))
    else if (awaitsName) throw badPattern(source, index, index + 1, 'a name is missing before the comma')
    else comma = index
    awaitsName = token === ','
  }
  if (terms.length === 0) throw badPattern(source, 0, source.length, 'the pattern is empty')
  if (awaitsName) throw badPattern(source, comma, comma + 1, 'a name is missing after the comma')
  return terms
}

function termAt(source: string, index: number, token: string): Term {
  const excluded = token.startsWith('!')
  if (token === '!') throw badPattern(source, index, index + 1, 'a name is missing after the !')
  return excluded
    ? { source, start: index + 1, text: token.slice(1), excluded }
    : { source, start: index, text: token, excluded }
}

/** The `bad-pattern` error about a piece of a term, from `start` up to `end`, counted in the term's text. */
export function badTerm(
  term: Term,
  [start, end]: readonly [number, number],
  problem: string,
  hint?: string,
): BeltError {
  return badPattern(term.source, term.start + start, term.start + end, problem, hint)
}

function badPattern(source: string, start: number, end: number, problem: string, hint?: string): BeltError {
  return usageError('bad-pattern', source.trim() ? `${problem}\n${pointAt(source, start, end)}` : problem, {
    hint: hint ?? 'a pattern looks like node[1:4], node[01:10], node[1:3,7] or node[0:10/2]',
    details: { pattern: source, start, end },
  })
}

/** How much of a long pattern to show before and after the start of the error, in characters. */
const SHOWN_BEFORE = 40
const SHOWN_AFTER = 60

/** Two lines: the pattern, and a caret under the error. */
function pointAt(source: string, start: number, end: number): string {
  const from = Math.max(0, start - SHOWN_BEFORE)
  const to = Math.min(source.length, start + SHOWN_AFTER)
  const caret = '^'.padEnd(Math.min(end, to) - start, '~')
  // Control characters would move the cursor, or worse.
  const shown = source.slice(from, to).replace(/[\s\p{Cc}]/gu, ' ')
  const lead = from > 0 ? '…' : ''
  return `  ${lead}${shown}${to < source.length ? '…' : ''}\n  ${' '.repeat(lead.length + start - from)}${caret}`
}
