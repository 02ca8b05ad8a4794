/**
 * The union of two sets of ports as the kernel writes them: `2377,7946,30000-32767`. Neighbours become one range.
 * @returns undefined when one of the texts is no set of ports; an empty text is the empty set
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

/** What is no port or range of ports becomes NaN. */
function spans(text: string): [number, number][] {
  if (text === '') return []
  return text.split(',').map(part => {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    return [Number(first), Number(last ?? first)]
  })
}
