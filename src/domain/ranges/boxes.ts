/** A set of rows that is a full product: every combination of each column's numbers, in ascending order. */
export type Box = readonly (readonly number[])[]

/** Limits the total work: a large fleet with irregular names gets fewer attempts. */
const MOST_WORK = 60_000

/**
 * Ways to cover distinct rows with few boxes that do not overlap; each way merges another column first. The caller picks
 * the one that is shortest when written out.
 */
export function coverings(rows: readonly (readonly number[])[]): Box[][] {
  const boxes = rows.map(row => row.map(number => [number]))
  const columns = varyingColumns(rows).reverse()
  if (columns.length === 0) return [boxes]
  const tries = Math.max(1, Math.floor(MOST_WORK / (rows.length * columns.length)))
  return columns.slice(0, tries).map((_, i) => {
    const order = [...columns.slice(i), ...columns.slice(0, i)]
    return order.reduce<Box[]>(mergeAlong, boxes)
  })
}

function varyingColumns(rows: readonly (readonly number[])[]): number[] {
  const [first = []] = rows
  return [...first.keys()].filter(column => rows.some(row => row[column] !== first[column]))
}

/** Merges boxes that differ in only one column. */
function mergeAlong(boxes: readonly Box[], column: number): Box[] {
  const merged = new Map<string, { box: Box; numbers: number[] }>()
  for (const box of boxes) {
    const key = box.map((numbers, i) => (i === column ? '' : numbers.join())).join(';')
    const group = merged.get(key)
    if (group) group.numbers.push(...(box[column] ?? []))
    else merged.set(key, { box, numbers: [...(box[column] ?? [])] })
  }
  return [...merged.values()].map(({ box, numbers }) =>
    box.with(
      column,
      numbers.sort((a, b) => a - b),
    ),
  )
}
