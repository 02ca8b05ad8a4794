import { naturalOrder } from '../natural-order.ts'
import { isPadded, MOST_DIGITS } from './bracket.ts'
import { rangesText } from './ranges-text.ts'
import { type Box, boxesOf } from './boxes.ts'

/** Names that differ in their numbers only: `dc1-n01` and `dc2-n07`. */
interface Family {
  /** The texts around the numbers: one more than there are numbers. */
  readonly literals: readonly string[]
  /** For each number the digits it is padded to; 0 when it is not. */
  readonly widths: readonly number[]
  /** One row of numbers for each name. */
  readonly rows: number[][]
}

/** A name taken apart: texts at even places, digits at odd ones. */
type Pieces = readonly string[]

const DIGITS = new RegExp(`(?<!\\d)(\\d{1,${MOST_DIGITS}})(?!\\d)`)

/**
 * The shortest pattern found that stands for the same names: `node[1:4,7]`, `dc[1:2]-n[1:3]`, `node[0:10/2]`.
 * Padding is kept, the order is natural, doubles are dropped; never longer than the names with commas between.
 * Any text is accepted: what a pattern cannot express is printed as it is.
 */
export function fold(names: Iterable<string>): string {
  const pieces = [...new Set(names)].map(piecesOf)
  const families = groupBy(pieces, literalsKey).flatMap(familiesOf)
  const parts = families.flatMap(foldFamily)
  return parts
    .sort((a, b) => naturalOrder(a.first, b.first))
    .map(part => part.text)
    .join(',')
}

/** Names for people to read: up to three are listed as they are, more are folded. */
export function nameList(names: Iterable<string>): string {
  const distinct = [...new Set(names)].sort(naturalOrder)
  return distinct.length > 3 ? fold(distinct) : distinct.join(', ')
}

function piecesOf(name: string): Pieces {
  const unfoldable = /[\s,!@*?[\]]|^\d+$/.test(name)
  return unfoldable ? [name] : name.split(DIGITS)
}

function literalsKey(pieces: Pieces): string {
  return pieces.filter((_, place) => place % 2 === 0).join('[')
}

/** Sorts names with the same literals by how their numbers are padded. */
function familiesOf(names: readonly Pieces[]): Family[] {
  const paddings = paddingsOf(names)
  const widthsOf = (pieces: Pieces) =>
    digitsOf(pieces).map((digits, column) => (paddings[column]?.has(digits.length) ? digits.length : 0))
  return groupBy(names, pieces => widthsOf(pieces).join()).map(members => {
    const [model = []] = members
    const rows = members.map(pieces => digitsOf(pieces).map(Number))
    return { literals: model.filter((_, place) => place % 2 === 0), widths: widthsOf(model), rows }
  })
}

/** For each number the widths that some name pads it to: beside `node01`, `node10` is padded too. */
function paddingsOf(names: readonly Pieces[]): Set<number>[] {
  const paddings = digitsOf(names[0] ?? []).map(() => new Set<number>())
  for (const pieces of names) {
    for (const [column, digits] of digitsOf(pieces).entries()) {
      if (isPadded(digits)) paddings[column]?.add(digits.length)
    }
  }
  return paddings
}

function digitsOf(pieces: Pieces): string[] {
  return pieces.filter((_, place) => place % 2 === 1)
}

interface FoldedPart {
  /** The first name that `text` stands for. */
  readonly first: string
  readonly text: string
}

function foldFamily(family: Family): FoldedPart[] {
  const ways = boxesOf(family.rows).map(boxes => boxes.flatMap(box => foldBox(family, box)))
  return ways.reduce((best, way) => (lengthOf(way) < lengthOf(best) ? way : best))
}

function foldBox(family: Family, box: Box): FoldedPart[] {
  const names = namesIn(family, box)
  const [first = ''] = names
  const text = join(family, (column, width) => rangesText(box[column] ?? [], width))
  const plain = names.map(name => ({ first: name, text: name }))
  return lengthOf(plain) < text.length ? plain : [{ first, text }]
}
