const collator = new Intl.Collator('en', { numeric: true })

/**
 * Compares names as people count: `node2` before `node10`. A total order, for `sort`: names that read alike
 * (`node1` and `node01`) keep a fixed order too.
 */
export function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : Number(a > b))
}
