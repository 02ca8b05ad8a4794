/** The text for the numbers from some position on: the first item, then the rest. */
interface Writing {
  readonly length: number
  readonly item: string
  readonly rest: Writing | undefined
}

/**
 * Writes distinct ascending numbers in the shortest notation: `7`, `[1:4,7]`, `[0:10/2]`.
 * @param width the number of digits to pad to; 0 for no padding
 */
export function numbersText(numbers: readonly number[], width: number): string {
  const texts = numbers.map(number => String(number).padStart(width, '0'))
  if (texts.length === 1) return texts.join()
  const items: string[] = []
  for (let next = shortest(numbers, texts); next; next = next.rest) items.push(next.item)
  return `[${items.join(',')}]`
}

/** Finds the shortest text from the end; each number starts a range or stands alone. */
function shortest(numbers: readonly number[], texts: readonly string[]): Writing | undefined {
  const writings: Writing[] = []
  const runs = runLengths(numbers)
  for (let i = numbers.length - 1; i >= 0; i--) {
    const candidate = (item: string, count: number): Writing => {
      const rest = writings[i + count]
      return { item, rest, length: item.length + (rest ? rest.length + 1 : 0) }
    }
    const range = (count: number) => candidate(rangeText(numbers, texts, i, count), count)

    const run = runs[i] ?? 1
    const alone = candidate(texts[i] ?? '', 1)
    // A range may leave its last number to the next one: 1:2,3:9/2.
    const ranges = [run, run - 1].filter(count => count > 1).map(range)
    const isDense = numbers[i + 1] === (numbers[i] ?? 0) + 1
    const preferred = isDense ? [...ranges, alone] : [alone, ...ranges]
    writings[i] = preferred.reduce((best, next) => (next.length < best.length ? next : best))
  }
  return writings[0]
}

function rangeText(
  numbers: readonly number[],
  texts: readonly string[],
  start: number,
  count: number,
): string {
  const step = (numbers[start + 1] ?? 0) - (numbers[start] ?? 0)
  const range = `${texts[start]}:${texts[start + count - 1]}`
  return step === 1 ? range : `${range}/${step}`
}

/** For each position, how many numbers follow at equal distances. */
function runLengths(numbers: readonly number[]): number[] {
  const runs: number[] = []
  const distance = (i: number) => (numbers[i + 1] ?? 0) - (numbers[i] ?? 0)
  for (let i = numbers.length - 1; i >= 0; i--) {
    const left = numbers.length - i
    if (left <= 2) runs[i] = left
    else runs[i] = distance(i) === distance(i + 1) ? (runs[i + 1] ?? 1) + 1 : 2
  }
  return runs
}
