import { badTerm, type Term } from './term.ts'

interface NumberRange {
  readonly from: number
  /** Inclusive. */
  readonly to: number
  readonly step: number
}

/** The numbers in a bracket: `[01:10]`, `[1:3,7]`, `[0:10/2]`. */
export interface Bracket {
  readonly start: number
  readonly ranges: readonly NumberRange[]
  /** The number of digits to pad to with zeros; 0 for no padding. */
  readonly width: number
}

/** A piece of the term, and its position. */
interface Item {
  readonly text: string
  readonly span: readonly [number, number]
}

/** Integers are exact up to this many digits. */
export const MOST_DIGITS = 15

const RANGE = /^(\d+)(?:[:-](\d+)(?:\/(\d+))?)?$/

/** Parses `[…]`, which starts at `start` in the term. */
export function readBracket(term: Term, text: string, start: number): Bracket {
  const items: Item[] = []
  let at = start + 1
  for (const item of text.slice(1, -1).split(',')) {
    items.push({ text: item, span: [at, at + Math.max(1, item.length)] })
    at += item.length + 1
  }
  const ranges = items.map(item => readRange(term, item))
  return { start, ranges, width: widthOf(term, items) }
}

function readRange(term: Term, { text, span }: Item): NumberRange {
  const match = RANGE.exec(text)
  if (!match) throw badTerm(term, span, problemOf(text))
  const [, first = '', last = first, every = '1'] = match
  if ([first, last, every].some(digits => digits.length > MOST_DIGITS)) {
    throw badTerm(term, span, 'the number is too large')
  }
  const range = { from: Number(first), to: Number(last), step: Number(every) }
  if (range.step === 0) throw badTerm(term, span, 'the step is zero')
  if (range.from > range.to) {
    throw badTerm(term, span, 'the range runs backwards', `did you mean ${last}:${first}?`)
  }
  return range
}

function problemOf(item: string): string {
  if (item === '') return 'a number is missing'
  if (/^\d+[:-]$/.test(item)) return 'the range has no end'
  if (/^[:-]\d+$/.test(item)) return 'the range has no start'
  if (/^\d+([:-]\d+)?\/\d*$/.test(item)) return 'a step looks like 0:10/2'
  return 'this is neither a number nor a range of numbers'
}

/** A leading zero requests padding. It is ambiguous unless all numbers have the same number of digits. */
function widthOf(term: Term, items: readonly Item[]): number {
  const bounds = items.flatMap(({ text, span }) =>
    text
      .replace(/\/.*/, '')
      .split(/[:-]/)
      .map(digits => ({ digits, span })),
  )
  const padded = bounds.find(({ digits }) => isPadded(digits))
  if (!padded) return 0
  const width = padded.digits.length
  const other = bounds.find(({ digits }) => digits.length !== width)
  if (other) {
    const hint = 'use the same number of digits for all numbers in a bracket, as in 001:100'
    throw badTerm(term, other.span, 'the numbers are padded with zeros to different widths', hint)
  }
  return width
}

/** Whether a number has leading zeros. */
export function isPadded(digits: string): boolean {
  return digits.length > 1 && digits.startsWith('0')
}

/** How many numbers a bracket expands to, without expanding it. */
export function countOf({ ranges }: Bracket): number {
  return ranges.reduce((count, { from, to, step }) => count + Math.floor((to - from) / step) + 1, 0)
}

/** Expands a bracket to its numbers, with padding. */
export function numbersOf(bracket: Bracket): string[] {
  const numbers: string[] = []
  for (const { from, to, step } of bracket.ranges) {
    for (let number = from; number <= to; number += step) {
      numbers.push(String(number).padStart(bracket.width, '0'))
    }
  }
  return numbers
}
