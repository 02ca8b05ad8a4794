/**
 * Compares names in natural order: `node2` before `node10`. A total order: names with equal numbers (`node1` and `node01`)
 * have a fixed order too. Letters compare by character code, as in DNS names. ICU's collation is not used, because loading
 * it takes longer than sorting thousands of names.
 */
export function naturalOrder(a: string, b: string): number {
  let at = 0
  let bt = 0
  while (at < a.length && bt < b.length) {
    const endA = endOfNumber(a, at)
    const endB = endOfNumber(b, bt)
    if (endA > at && endB > bt) {
      const difference = compareNumbers(a.slice(at, endA), b.slice(bt, endB))
      if (difference !== 0) return difference
      at = endA
      bt = endB
    } else if (a[at] === b[bt]) {
      at++
      bt++
    } else break
  }
  const [restA, restB] = [a.slice(at), b.slice(bt)]
  return plainOrder(restA, restB) || plainOrder(a, b)
}

/** The end of the digits that start at `start`; `start` if there are none. */
function endOfNumber(text: string, start: number): number {
  let end = start
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++
  return end
}

/** Compares numbers of any length. */
function compareNumbers(a: string, b: string): number {
  const [one, other] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return one.length - other.length || plainOrder(one, other)
}

function plainOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
