import { parseMemory } from '../domain/memory.ts'
import { naturalOrder } from '../domain/natural-order.ts'
import { usageError } from '../errors.ts'
import { cut } from './cut.ts'
import { stdio } from './stdio.ts'
import { type Painter, table } from './table.ts'

/** How the user wants a list to be shown. */
export interface ListView {
  /** Only the first column, without its heading, for scripts. */
  readonly quiet?: boolean
  readonly 'no-headers'?: boolean
  /** A heading in any case; with `-` before it in descending order. Default: the order of the rows. */
  readonly sort?: string | undefined
  /** Lines are not cut to the width of the terminal. */
  readonly wide?: boolean
}

/** A table as the user wants to see it. @throws a usage error when it is to be sorted by a column that it does not have */
export function list(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  view: ListView,
  paint?: Painter,
): string {
  const sorted = view.sort === undefined ? rows : sortedBy(view.sort, headings, rows)
  if (view.quiet) return sorted.map(([first = '']) => `${first}\n`).join('')
  const text = table(headings, sorted, paint)
  const shown = view['no-headers'] ? text.slice(text.indexOf('\n') + 1) : text
  return view.wide || stdio.columns === undefined ? shown : cut(shown, stdio.columns)
}

function sortedBy(sort: string, headings: readonly string[], rows: readonly (readonly string[])[]) {
  const descends = sort.startsWith('-')
  const wanted = (descends ? sort.slice(1) : sort).toLowerCase()
  const column = headings.findIndex(heading => heading.toLowerCase() === wanted)
  if (column === -1) {
    throw usageError('no-such-column', `there is no column ${sort} to sort by`, {
      hint: `columns: ${headings.join(', ')}`,
    })
  }
  const ascending = rows.toSorted((a, b) => order(a[column] ?? '', b[column] ?? ''))
  return descends ? ascending.toReversed() : ascending
}

/** `512mb` comes before `1gb`, and `node2` before `node10`. */
function order(a: string, b: string): number {
  const [memoryA, memoryB] = [parseMemory(a), parseMemory(b)]
  return memoryA === undefined || memoryB === undefined ? naturalOrder(a, b) : memoryA - memoryB
}
