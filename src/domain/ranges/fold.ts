import { naturalOrder } from '../natural-order.ts'
import { type Box, coverings } from './boxes.ts'
import { type Family, familiesOf } from './family.ts'
import { numbersText } from './numbers-text.ts'
import { combine } from './pattern.ts'

/** A part of the folded text, between two commas. */
interface Part {
  /** The first name in this part. */
  readonly first: string
  readonly text: string
}

/**
 * Folds names into a short pattern: `node[1:4,7]`, `dc[1:2]-n[1:3]`, `node[0:10/2]`. It expands to the same names,
 * including padding, in natural order and without duplicates, and is never longer than the list of names. Any text is
 * accepted; names that no pattern can express are kept unchanged.
 */
export function fold(names: Iterable<string>): string {
  return familiesOf([...new Set(names)])
    .flatMap(foldFamily)
    .sort((a, b) => naturalOrder(a.first, b.first))
    .map(part => part.text)
    .join(',')
}

/** Names for display: lists up to three, folds more. */
export function foldShort(names: Iterable<string>): string {
  const distinct = [...new Set(names)]
  return distinct.length > 3 ? fold(distinct) : distinct.sort(naturalOrder).join(', ')
}

function foldFamily(family: Family): Part[] {
  const ways = coverings(family.rows).map(boxes => boxes.flatMap(box => foldBox(family, box)))
  return ways.reduce((best, way) => (lengthOf(way) < lengthOf(best) ? way : best))
}

/** A few short names may be shorter as a list: `a1,a3`. */
function foldBox({ literals, widths }: Family, box: Box): Part[] {
  const [head = '', ...tails] = literals
  const text = head + tails.map((tail, i) => numbersText(box[i] ?? [], widths[i] ?? 0) + tail).join('')
  if (box.every(numbers => numbers.length === 1)) return [{ first: text, text }]
  const plain = combine([
    [head],
    ...tails.map((tail, i) =>
      (box[i] ?? []).map(number => String(number).padStart(widths[i] ?? 0, '0') + tail),
    ),
  ]).map(name => ({ first: name, text: name }))
  return lengthOf(plain) < text.length ? plain : [{ first: plain[0]?.first ?? text, text }]
}

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.text.length + 1, -1)
}
