/**
 * Compares names as people count: `node2` before `node10`. A total order, for `sort`: names that read alike
 * (`node1` and `node01`) keep a fixed order too. Letters count by their code, as in DNS names; ICU's collation is left
 * alone, because loading it takes longer than sorting thousands of names.
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

/** Where the digits that begin there end; there, when none do. */
function endOfNumber(text: string, start: number): number {
  let end = start
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++
  return end
}

/** Of any length. */
function compareNumbers(a: string, b: string): number {
  const [one, other] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return one.length - other.length || plainOrder(one, other)
}

function plainOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
