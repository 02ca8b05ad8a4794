import { isPadded, MOST_DIGITS } from './bracket.ts'

/** Names that differ only in their numbers, such as `dc1-n01` and `dc2-n07`. */
export interface Family {
  /** The texts around the numbers; one more than there are numbers. */
  readonly literals: readonly string[]
  /** The number of digits that each number is padded to; 0 if it is not. */
  readonly widths: readonly number[]
  /** The numbers of each name. */
  readonly rows: readonly (readonly number[])[]
}

interface SplitName {
  readonly literals: readonly string[]
  readonly digits: readonly string[]
}

const DIGITS = new RegExp(`(?<!\\d)(\\d{1,${MOST_DIGITS}})(?!\\d)`)

/** Names with characters that have a meaning in patterns, and plain numbers. */
const UNFOLDABLE = /[\s,!@*?[\]]|^\d+$/

/** Groups names into families. A name that cannot be part of a pattern forms its own family, without numbers. */
export function familiesOf(names: readonly string[]): Family[] {
  const alike = groupBy(names.map(splitName), name => JSON.stringify(name.literals))
  return alike.flatMap(members => {
    const paddings = paddingsOf(members)
    return groupBy(members, name => widthsOf(name, paddings).join()).map(group => familyOf(group, paddings))
  })
}

function splitName(name: string): SplitName {
  const pieces = UNFOLDABLE.test(name) ? [name] : name.split(DIGITS)
  return {
    literals: pieces.filter((_, place) => place % 2 === 0),
    digits: pieces.filter((_, place) => place % 2 === 1),
  }
}

/** For each number, the widths that some name pads it to. */
function paddingsOf(names: readonly SplitName[]): Set<number>[] {
  const paddings: Set<number>[] = []
  for (const { digits } of names) {
    for (const [column, text] of digits.entries()) {
      paddings[column] ??= new Set()
      if (isPadded(text)) paddings[column].add(text.length)
    }
  }
  return paddings
}

/** `node10` counts as padded only where some `node01` is. */
function widthsOf({ digits }: SplitName, paddings: readonly Set<number>[]): number[] {
  return digits.map((text, column) => (paddings[column]?.has(text.length) ? text.length : 0))
}

function familyOf(names: readonly SplitName[], paddings: readonly Set<number>[]): Family {
  const [model = { literals: [], digits: [] }] = names
  return {
    literals: model.literals,
    widths: widthsOf(model, paddings),
    rows: names.map(({ digits }) => digits.map(Number)),
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return [...groups.values()]
}
