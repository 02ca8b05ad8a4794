const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/**
 * Parses a duration: `30s`, `10m`, `1h30m`, `500ms`; a plain number means seconds.
 * @returns milliseconds, or undefined if the text is not a duration
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * UNITS_MS.s
  if (!/^(\d+(ms|s|m|h))+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS],
    0,
  )
}

/** A duration in seconds for a message: `3.1 s`. What is left until a deadline is seldom a round number. */
export function inSeconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`
}
