/**
 * The union of two port sets in the kernel's notation: `2377,7946,30000-32767`. Adjacent ports become one range.
 * @returns undefined if either text is not a port set; an empty text is the empty set
 */
export function unitePorts(one: string, other: string): string | undefined {
  const ranges = [...spans(one), ...spans(other)]
  if (ranges.some(([first, last]) => !(first <= last && last <= 65_535))) return undefined
  const united: [number, number][] = []
  for (const [first, last] of ranges.sort((a, b) => a[0] - b[0])) {
    const open = united.at(-1)
    if (open && first <= open[1] + 1) open[1] = Math.max(open[1], last)
    else united.push([first, last])
  }
  return united.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}

/** Anything that is not a port or range of ports becomes NaN. */
function spans(text: string): [number, number][] {
  if (text === '') return []
  return text.split(',').map(part => {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    return [Number(first), Number(last ?? first)]
  })
}
